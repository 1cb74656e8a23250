import Identifiers
import StrictJSON

/// What an initiator may do with a volume.
package enum MaskingAccess: String, Sendable { case readWrite = "rw", readOnly = "ro" }

/// An entry of `masking.list`: this initiator sees this volume as this logical unit on these ports.
package struct PluginMasking: Equatable, Sendable, JSONReadable, JSONWritable {
    package var volumeID: VolumeID
    package var initiator: MaskedInitiator
    /// The logical unit number, 0 to 16383 (SAM-5: flat space addressing's 14 bits).
    package var lun: Int64
    package var portIDs: [PortID]
    package var access: MaskingAccess

    package init(volumeID: VolumeID, initiator: MaskedInitiator, lun: Int64, portIDs: [PortID], access: MaskingAccess = .readWrite) {
        self.volumeID = volumeID
        self.initiator = initiator
        self.lun = lun
        self.portIDs = portIDs
        self.access = access
    }

    package init(json: JSONFields) throws(JSONError) {
        volumeID = try json.id("volumeID")
        initiator = try json.maskedInitiator("initiator")
        lun = try json.integer("lun", in: PluginMasking.luns)
        portIDs = try json.ids("portIDs")
        access = try json.optionalParsed("access", expected: "rw or ro") { MaskingAccess(rawValue: $0) } ?? .readWrite
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("volumeID", volumeID.text)
            writer.member("initiator", initiator.description)
            writer.member("lun", lun)
            writer.member("portIDs", ids: portIDs)
            writer.member("access", access.rawValue)
        }
    }

    package static let luns: ClosedRange<Int64> = 0...16383
}
