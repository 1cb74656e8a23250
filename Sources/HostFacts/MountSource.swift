/// What is told of a mount's source. Whoever mounts writes there what he likes, and some programs write a user with a password, a token, or all their
/// options. So what is told is what this grammar knows to be none of these:
///
///     source    = path | [program "#"] scheme "://" [anything "@"] authority [path] | "//" [anything "@"] authority [path] | [anything "@"] name
///     authority = host [":" digits]            host = letters, digits, ".", "_", "~", "-"; or "[" … "]"; of a share ("//"), an IPv6 address without brackets
///
/// What stands before the last `@`, from the first `?`, `;` or (but in paths) `#` on, and from the first `key=` on is left out. Where an `@` stands behind
/// a `/`, `?`, `#`, `=` or quotation mark, it could be a password's end or a path's middle: neither is told then. Paths of this machine, and sources of
/// types whose own grammar has an `@` and no password (ZFS, NFS, Lustre, Ceph, AFS), keep theirs.
///
/// `Tests/HostFactsTests/capture-host` follows the same grammar.
package enum MountSource {
    /// Stands where nothing is left that can be told.
    package static let withheld = "(withheld)"

    private typealias Bytes = ArraySlice<UInt8>

    package static func told(_ source: String, type: String) -> String {
        let isOfProgram = type == "fuse" || type.hasPrefix("fuse.")
        if source.hasPrefix("/dev/"), !isOfProgram { return source }
        let bytes = Array(source.utf8)[...]
        guard let first = bytes.first else { return source }
        let isPath = first == UInt8(ascii: "/") && !bytes.starts(with: "//".utf8)
        if isPath || hasNoUser(bytes, type) { return text("", withoutParameters(bytes)) }
        if type == "ceph", let place = cephPlace(bytes) { return text("", place) }
        if type == "fuse.rclone", first == UInt8(ascii: ":"), let remote = remote(bytes) { return remote }
        let start = schemeEnd(bytes) ?? bytes.startIndex
        let prefix = String(decoding: bytes[..<start], as: UTF8.self)
        let rest = place(bytes[start...], hasAuthority: start > bytes.startIndex, isShare: bytes.starts(with: "//".utf8))
        return text(prefix, rest)
    }

    private static func text(_ prefix: String, _ rest: Bytes) -> String {
        prefix + (rest.isEmpty ? withheld : String(decoding: rest, as: UTF8.self))
    }

    /// Empty where nothing can be told.
    private static func place(_ source: Bytes, hasAuthority: Bool, isShare: Bool = false) -> Bytes {
        var rest = source
        if let at = rest.lastIndex(of: UInt8(ascii: "@")) {
            if rest[..<at].contains(where: { "/?#=\"'".utf8.contains($0) }) { return [] }
            rest = rest[(at + 1)...]
        }
        rest = withoutParameters(rest.prefix { $0 != UInt8(ascii: "#") })
        guard hasAuthority, !(isShare && beginsWithAddress(rest)) else { return rest }
        var end = hostEnd(rest)
        if end < rest.endIndex, rest[end] == UInt8(ascii: ":") {
            let port = rest[(end + 1)...].prefix { (0x30...0x39).contains($0) }
            if !port.isEmpty { end = port.endIndex }
        }
        return end == rest.endIndex || rest[end] == UInt8(ascii: "/") ? rest : rest[..<end]
    }

    /// As mount.cifs takes one: hexadecimal digits, and two colons at least.
    private static func beginsWithAddress(_ source: Bytes) -> Bool {
        let host = source.prefix { $0 != UInt8(ascii: "/") }
        return host.allSatisfy { $0 == UInt8(ascii: ":") || Character(UnicodeScalar($0)).isHexDigit }
            && host.count { $0 == UInt8(ascii: ":") } >= 2
    }

    private static func withoutParameters(_ source: Bytes) -> Bytes {
        let rest = source.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: ";") }
        guard let equals = rest.firstIndex(of: UInt8(ascii: "=")) else { return rest }
        let key = rest[..<equals].lastIndex { ",&:/ \t\"'".utf8.contains($0) }
        return key.map { rest[..<$0] } ?? []
    }

    /// Behind `scheme://`, `program#scheme://` or `//`.
    private static func schemeEnd(_ source: Bytes) -> Int? {
        if source.starts(with: "//".utf8) { return source.startIndex + 2 }
        let word = source.prefix(while: isOfWord)
        guard !word.isEmpty, word.endIndex < source.endIndex else { return nil }
        let rest = source[word.endIndex...]
        if rest.starts(with: "://".utf8) { return rest.startIndex + 3 }
        guard rest.first == UInt8(ascii: "#") else { return nil }
        let scheme = rest.dropFirst().prefix(while: isOfWord)
        return !scheme.isEmpty && source[scheme.endIndex...].starts(with: "://".utf8) ? scheme.endIndex + 3 : nil
    }

    private static func isOfWord(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || "+._-".utf8.contains(byte) }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private static func hostEnd(_ source: Bytes) -> Int {
        guard source.first == UInt8(ascii: "[") else {
            return source.prefix { isAlphanumeric($0) || "._~-".utf8.contains($0) }.endIndex
        }
        let inside = source.dropFirst().prefix { isAlphanumeric($0) || ":.%_-".utf8.contains($0) }
        return inside.endIndex < source.endIndex && source[inside.endIndex] == UInt8(ascii: "]") ? inside.endIndex + 1 : source.startIndex
    }

    // MARK: Types with a grammar of their own

    private static func hasNoUser(_ source: Bytes, _ type: String) -> Bool {
        switch type {
        case "zfs": return true
        // host:/path
        case "nfs", "nfs4":
            let end = hostEnd(source)
            return end > source.startIndex && source[end...].starts(with: ":/".utf8)
        // address@network, with commas and colons between them, then :/path (mount.lustre(8))
        case "lustre":
            var rest = source
            while true {
                let address = rest.prefix { isAlphanumeric($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
                guard !address.isEmpty, rest[address.endIndex...].first == UInt8(ascii: "@") else { return false }
                let network = rest[(address.endIndex + 1)...].prefix(while: isAlphanumeric)
                rest = rest[network.endIndex...]
                guard !network.isEmpty, let separator = rest.popFirst(), ",:".utf8.contains(separator) else { return false }
                if rest.first == UInt8(ascii: "/") { return true }
            }
        // #cell:volume, %cell:volume
        case "afs": return source.first == UInt8(ascii: "#") || source.first == UInt8(ascii: "%")
        default: return false
        }
    }

    /// `user@fsid.name=/path` (mount.ceph(8)) from the fsid on; nil for the older form.
    private static func cephPlace(_ source: Bytes) -> Bytes? {
        func isOfName(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || "._-".utf8.contains(byte) }
        var name = source.prefix(while: isOfName)
        if source[name.endIndex...].first == UInt8(ascii: "@") { name = source[(name.endIndex + 1)...].prefix(while: isOfName) }
        guard name.contains(UInt8(ascii: ".")), source[name.endIndex...].starts(with: "=/".utf8) else { return nil }
        return source[name.startIndex...name.endIndex] + withoutParameters(source[(name.endIndex + 1)...])
    }

    /// rclone's remotes without a name (rclone.org/docs/#connection-strings): `:type:path`, and of `:type,key=value,…:path` the type alone.
    private static func remote(_ source: Bytes) -> String? {
        let kind = source.dropFirst().prefix { isAlphanumeric($0) || $0 == UInt8(ascii: "_") }
        let prefix = ":" + String(decoding: kind, as: UTF8.self) + ":"
        let rest = source[kind.endIndex...]
        guard !kind.isEmpty, let separator = rest.first else { return nil }
        if separator == UInt8(ascii: ",") { return prefix }
        guard separator == UInt8(ascii: ":") else { return nil }
        let place = place(rest.dropFirst(), hasAuthority: false)
        return rest.count == 1 ? prefix : text(prefix, place)
    }
}
