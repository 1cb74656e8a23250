import Glibc

/// Where open-iscsi keeps what it knows, below a root: the machine's own, or a tree that a test made.
///
/// Settings are in `etc/iscsi`, its lock is in `run/lock/iscsi`. Records (`nodes`, `static`, `ifaces`) are in `etc/iscsi` too, as upstream, on Debian and SUSE;
/// Red Hat's packages have them in `var/lib/iscsi` (patched up to 2.1.4, meson's option `dbroot` since), and make its folders when they are installed.
package struct OpenISCSITree: Hashable, Sendable {
    /// Empty for the machine's own; else without a slash at its end.
    package let root: String

    package init(root: String = "") {
        self.root = root.hasSuffix("/") ? String(root.dropLast()) : root
    }

    package var isLive: Bool { root.isEmpty }
    package var configuration: String { "\(root)/etc/iscsi" }
    /// Where records are, on the host itself: `/etc/iscsi`. Looked up each time, for it may be installed meanwhile.
    package var recordsOnHost: String { access("\(root)/var/lib/iscsi/nodes", F_OK) == 0 ? "/var/lib/iscsi" : "/etc/iscsi" }
    package var records: String { root + recordsOnHost }
    package var nodes: String { "\(records)/nodes" }
    package var interfaces: String { "\(records)/ifaces" }
    package var lockDirectory: String { "\(root)/run/lock/iscsi" }
    package var daemonSettings: String { "\(configuration)/iscsid.conf" }
    package var initiatorName: String { "\(configuration)/initiatorname.iscsi" }
    package var sysfs: String { "\(root)/sys" }
}
