import Identifiers

/// What a node record is found by: target, portal, portal group, interface.
///
/// On disk: `nodes/TARGET/ADDRESS,PORT,TAG/INTERFACE`, the directories of mode 0700, the file of 0600. Where the tag is not known, and in
/// databases from before 2006, `nodes/TARGET/ADDRESS,PORT` is the file itself, for the interface `default`.
package struct RecordName: Hashable, Sendable, Comparable {
    package var target: ISCSIName
    /// As the target spells it, and as the folder is named: some targets compare bytes.
    package var spelling: String
    /// As open-iscsi has it: an address, or a name; IPv6 without brackets.
    package var address: String
    package var port: UInt16
    /// Nil where it is not known: -1 in the record.
    package var portalGroupTag: UInt16?
    package var interface: String

    package init(
        target: ISCSIName, spelling: String? = nil, address: String, port: UInt16, portalGroupTag: UInt16?, interface: String = "default"
    ) {
        self.target = target
        self.spelling = spelling ?? target.description
        self.address = address
        self.port = port
        self.portalGroupTag = portalGroupTag
        self.interface = interface
    }

    /// Below `nodes`.
    package var components: [String] {
        guard let portalGroupTag else { return [spelling, "\(address),\(port)"] }
        return [spelling, "\(address),\(port),\(portalGroupTag)", interface]
    }

    /// Of the link in `static` that open-iscsi finds records by which nobody discovered; it leads to the portal's directory. None without a tag.
    package var linkName: String? {
        portalGroupTag.map { "\(spelling),\(address),\(port),\($0),\(interface)" }
    }

    /// As iscsiadm takes a portal: `10.0.0.1:3260,1`, `[fd00::1]:3260,1`.
    package var portal: String {
        let host = address.utf8.contains(UInt8(ascii: ":")) ? "[\(address)]" : address
        return "\(host):\(port)" + (portalGroupTag.map { ",\($0)" } ?? "")
    }

    /// From the name of a portal's directory, or of a flat record; nil for what is none. An address has no comma, slash, white space or control.
    static func portal(_ name: String) -> (address: String, port: UInt16, portalGroupTag: UInt16?)? {
        let parts = name.split(separator: ",", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), isAddress(parts[0]), let port = number(parts[1]) else { return nil }
        if parts.count == 2 { return (String(parts[0]), port, nil) }
        guard let tag = number(parts[2]) else { return nil }
        return (String(parts[0]), port, tag)
    }

    /// What may stand in a path and on a command line.
    package static func isAddress(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.count <= 255 && !text.hasPrefix("-") && !text.hasPrefix(".")
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == UInt8(ascii: ".") || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "%")
                    || byte == UInt8(ascii: "_")
            }
    }

    /// An interface's name: a file in `ifaces`, at most 64 bytes with open-iscsi's NUL.
    package static func isInterface(_ text: some StringProtocol) -> Bool {
        isAddress(text) && text.utf8.count <= 64
    }

    private static func number(_ text: Substring) -> UInt16? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt16(text) : nil
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.target, left.address, left.port, left.portalGroupTag ?? 0, left.interface)
            < (right.target, right.address, right.port, right.portalGroupTag ?? 0, right.interface)
    }
}
