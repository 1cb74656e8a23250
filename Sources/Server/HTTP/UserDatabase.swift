import Glibc

/// The machine's users and groups (getpwuid_r, getgrnam_r, getgrouplist).
package enum UserDatabase {
    /// Nil where the user has no entry.
    package static func name(ofUser userID: UInt32) -> String? { entry(userID)?.name }

    /// All groups of a user, the primary one included; none for a user without an entry.
    package static func groups(ofUser userID: UInt32) -> [UInt32] {
        guard let entry = entry(userID) else { return [] }
        var count: Int32 = 64
        var groups = [gid_t](repeating: 0, count: Int(count))
        while getgrouplist(entry.name, entry.group, &groups, &count) < 0 {
            guard count > groups.count, count < 65_537 else { return [entry.group] }
            groups = [gid_t](repeating: 0, count: Int(count))
        }
        return Array(groups.prefix(Int(count)))
    }

    /// Nil where there is no group of that name.
    package static func identifier(ofGroup name: String) -> UInt32? {
        var record = group()
        var result: UnsafeMutablePointer<group>?
        var buffer = [CChar](repeating: 0, count: 64 << 10)
        guard getgrnam_r(name, &record, &buffer, buffer.count, &result) == 0, result != nil else { return nil }
        return record.gr_gid
    }

    private static func entry(_ userID: UInt32) -> (name: String, group: UInt32)? {
        var record = passwd()
        var result: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        guard getpwuid_r(userID, &record, &buffer, buffer.count, &result) == 0, result != nil, let name = record.pw_name else {
            return nil
        }
        return (String(cString: name), record.pw_gid)
    }
}
