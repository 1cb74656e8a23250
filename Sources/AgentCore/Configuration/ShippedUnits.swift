import Glibc

/// What the packages' units keep from the daemon and from the root helper, though a command at a prompt sees it. A drop-in may show it to them.
enum ShippedUnits {
    /// Where the helper may remove files: its ReadWritePaths=.
    static let secrets = "/etc/quartermaster"
    /// PrivateTmp=yes, of both units.
    static let hiddenFromBoth = ["/tmp", "/var/tmp"]
    /// ProtectHome=yes, of the helper's; the daemon reads there, and changes nothing.
    static let hiddenFromHelper = ["/home", "/root", "/run/user"]
    /// What the daemon cannot change besides: ProtectSystem=full.
    static let readOnly = ["/usr", "/boot", "/efi", "/etc"]

    /// What comes of a secret at `path`, in words that follow the path; nil where the daemon, or the helper for it, reads it and removes it. `owner` is
    /// nil where there is no file yet: root, as it is meant to be.
    static func trouble(secret path: String, owner: uid_t?, daemon: uid_t) -> String? {
        let isDaemons = owner == daemon
        if isBelow(hiddenFromBoth, path) { return "is hidden from the service, whose units have PrivateTmp=yes" }
        if isBelow(hiddenFromHelper, path), !isDaemons {
            return "is hidden from the root helper, which is to read it: its unit has ProtectHome=yes"
        }
        if isBelow([secrets], path) { return nil }
        guard !isDaemons || isBelow(hiddenFromHelper + readOnly, path) else { return nil }
        return "can be read by the service, and not removed when it is registered: its units show it read-only"
    }

    private static func isBelow(_ directories: [String], _ path: String) -> Bool {
        let path = "/" + path.split(separator: "/").joined(separator: "/")
        return directories.contains { path.hasPrefix("\($0)/") }
    }
}
