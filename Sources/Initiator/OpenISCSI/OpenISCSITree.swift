/// Where open-iscsi keeps what it knows, below a root: the machine's own, or a tree that a test made.
///
/// Paths as open-iscsi 2.1 has them on Debian and, since 2.1.8, everywhere: `etc/iscsi` and `run/lock/iscsi`.
package struct OpenISCSITree: Hashable, Sendable {
    /// Empty for the machine's own; else without a slash at its end.
    package let root: String

    package init(root: String = "") {
        self.root = root.hasSuffix("/") ? String(root.dropLast()) : root
    }

    package var isLive: Bool { root.isEmpty }
    package var configuration: String { "\(root)/etc/iscsi" }
    package var nodes: String { "\(configuration)/nodes" }
    package var interfaces: String { "\(configuration)/ifaces" }
    package var lockDirectory: String { "\(root)/run/lock/iscsi" }
    package var daemonSettings: String { "\(configuration)/iscsid.conf" }
    package var initiatorName: String { "\(configuration)/initiatorname.iscsi" }
    package var sysfs: String { "\(root)/sys" }
}
