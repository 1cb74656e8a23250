import Identifiers
import StrictJSON

extension Inventory {
    /// A volume as one initiator sees it: the number, the target port that shows it, and the initiator that sees it.
    package struct LogicalUnit: Hashable, Sendable {
        /// The logical unit number (SAM-5); an NVMe namespace's ID.
        package var lun: UInt64
        /// The target's WWPN, iSCSI name, or the NVMe subsystem's NQN.
        package var targetPort: InitiatorName?
        package var initiator: InitiatorName?

        package init(lun: UInt64, targetPort: InitiatorName? = nil, initiator: InitiatorName? = nil) {
            self.lun = lun
            self.targetPort = targetPort
            self.initiator = initiator
        }
    }
}

extension Inventory.LogicalUnit: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("lun", lun)
            writer.member("targetPort", targetPort?.description)
            writer.member("initiator", initiator?.description)
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        lun = UInt64(try fields.integer("lun"))
        targetPort = try fields.optionalParsed("targetPort", expected: "a WWPN, an iSCSI name or an NQN") { InitiatorName($0) }
        initiator = try fields.optionalParsed("initiator", expected: "a WWPN, an iSCSI name or an NQN") { InitiatorName($0) }
    }
}
