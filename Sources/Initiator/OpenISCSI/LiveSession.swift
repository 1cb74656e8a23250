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
    /// The portal of its record, where the kernel keeps it: another one than it is at, where the target sent the login on.
    package var recorded: PortalAddress?
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
        guard target == name.target, interface == name.interface else { return false }
        guard let own = recorded ?? PortalAddress(portal), let other = name.portalAddress else {
            return (address, port) == (name.address, name.port)
        }
        if case .name = other.host { return own.port == other.port }
        return own == other
    }

    /// Whether it is at that portal, or was sent on from there.
    package func isAt(_ portal: PortalAddress) -> Bool { PortalAddress(self.portal) == portal || recorded == portal }
}
