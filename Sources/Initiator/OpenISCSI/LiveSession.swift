import ISCSI
import Identifiers
import Inventory

/// A session as the kernel has it, with the logical units that came through it.
package struct LiveSession: Hashable, Sendable {
    /// The kernel's number: of `session3`, and open-iscsi's `-r 3`.
    package var number: UInt32
    /// The SCSI host that it is on: `host7`.
    package var host: String?
    package var target: ISCSIName
    package var address: String
    package var port: UInt16
    package var portalGroupTag: Int64?
    package var interface: String
    /// In the kernel's words: `LOGGED_IN`, `FAILED`, `FREE`.
    package var state: String
    package var authentication: Inventory.Authentication
    package var units: [Unit]

    /// A SCSI disk that came through the session.
    package struct Unit: Hashable, Sendable {
        /// The kernel's: `sda`.
        package var name: String
        package var lun: UInt64
        package var wwid: WWID?
        package var sizeBytes: Int64?
        package var state: String?
    }

    package var isLoggedIn: Bool { state == "LOGGED_IN" }

    package var portal: String {
        (address.utf8.contains(UInt8(ascii: ":")) ? "[\(address)]" : address) + ":\(port)"
    }

    /// Whether it is a session of that record. A record may name a host that the session has the address of: then target, port and interface tell.
    package func isOf(_ name: RecordName) -> Bool {
        guard target == name.target, interface == name.interface, port == name.port else { return false }
        guard let own = PortalAddress(bracketed(address))?.host, let recorded = PortalAddress(bracketed(name.address))?.host else {
            return address == name.address
        }
        if case .name = recorded { return true }
        return own == recorded
    }

    private func bracketed(_ address: String) -> String { address.utf8.contains(UInt8(ascii: ":")) ? "[\(address)]" : address }
}
