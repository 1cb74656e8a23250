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
        /// The FC remote port that it is behind: `rport-6:0-1`, one of `remotePorts`.
        package var remotePort: String?
        /// The iSCSI session that it came through: `session1`, one of `sessions`.
        package var session: String?

        package init(
            lun: UInt64, targetPort: InitiatorName? = nil, initiator: InitiatorName? = nil, remotePort: String? = nil,
            session: String? = nil
        ) {
            self.lun = lun
            self.targetPort = targetPort
            self.initiator = initiator
            self.remotePort = remotePort
            self.session = session
        }
    }
}

extension Inventory.LogicalUnit: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("lun", lun)
            writer.member("targetPort", targetPort?.description)
            writer.member("initiator", initiator?.description)
            writer.member("remotePort", remotePort)
            writer.member("session", session)
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        lun = UInt64(try fields.integer("lun"))
        targetPort = try fields.optionalParsed("targetPort", expected: "a WWPN, an iSCSI name or an NQN") { InitiatorName($0) }
        initiator = try fields.optionalParsed("initiator", expected: "a WWPN, an iSCSI name or an NQN") { InitiatorName($0) }
        remotePort = try fields.optionalString("remotePort", maximumLength: 255)
        session = try fields.optionalString("session", maximumLength: 255)
    }
}
