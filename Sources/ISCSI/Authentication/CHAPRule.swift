/// What can be wrong with a user or a secret of CHAP: refusals, which stop it from being used, and advice.
package enum CHAPRule: Sendable, Hashable, CustomStringConvertible {
    case emptyUser(isMutual: Bool)
    /// More than 255 bytes (RFC 7143 section 12.1.3: a name is a text value).
    case longUser(isMutual: Bool)
    /// Control characters, or what is no UTF-8, cannot stand in a text key.
    case unprintableUser(isMutual: Bool)
    /// A space at an end, which a record's line would lose.
    case unrecordableUser(isMutual: Bool)
    case emptySecret(isMutual: Bool)
    /// More than 255 bytes, which open-iscsi's records cannot hold.
    case longSecret(isMutual: Bool)
    /// A control character, or a space at an end: what a record's line cannot hold.
    case unrecordableSecret(isMutual: Bool)
    /// A carriage return at the end.
    case windowsLineEnd(isMutual: Bool)
    /// RFC 7143 section 12.1.3 and RFC 1994: the same secret in both directions lets anybody answer with what he was just sent.
    case sameSecretInBothDirections
    /// Less than 96 bits (RFC 7143 section 9.2.1), so that one recorded login is enough to find it.
    case shortSecret(isMutual: Bool, bytes: Int)
    /// More than 16 bytes, which some storage systems and initiators refuse.
    case moreThan16Bytes(isMutual: Bool, bytes: Int)
    /// Long enough, but few different bytes: it is guessed sooner than its length says.
    case monotonousSecret(isMutual: Bool, different: Int)
    /// Bytes beyond ASCII: what the same text is in bytes, each system decides for itself.
    case secretBeyondASCII(isMutual: Bool)
    /// EF BB BF, which some editors put before a text.
    case byteOrderMark(isMutual: Bool)

    package var isRefusal: Bool {
        switch self {
        case .emptyUser, .longUser, .unprintableUser, .unrecordableUser, .emptySecret, .longSecret, .unrecordableSecret, .windowsLineEnd,
            .sameSecretInBothDirections:
            true
        case .shortSecret, .moreThan16Bytes, .monotonousSecret, .secretBeyondASCII, .byteOrderMark: false
        }
    }

    package var description: String {
        switch self {
        case .emptyUser(let isMutual): "the \(Self.mutual(isMutual))CHAP user is empty"
        case .longUser(let isMutual): "the \(Self.mutual(isMutual))CHAP user has more than 255 bytes"
        case .unprintableUser(let isMutual): "the \(Self.mutual(isMutual))CHAP user holds a control character"
        case .unrecordableUser(let isMutual): "the \(Self.mutual(isMutual))CHAP user begins or ends with a space"
        case .emptySecret(let isMutual): "the \(Self.mutual(isMutual))CHAP secret is empty"
        case .longSecret(let isMutual): "the \(Self.mutual(isMutual))CHAP secret has more than 255 bytes"
        case .unrecordableSecret(let isMutual):
            "the \(Self.mutual(isMutual))CHAP secret holds a control character, or begins or ends with a space"
        case .windowsLineEnd(let isMutual):
            "the \(Self.mutual(isMutual))CHAP secret ends with a carriage return: its file was written on Windows; write it anew without"
        case .sameSecretInBothDirections: "the secret and the mutual secret are the same; they must differ"
        case .shortSecret(let isMutual, let bytes):
            "the \(Self.mutual(isMutual))CHAP secret has \(bytes * 8) bits; at least 96 (12 bytes) are advised, or one recorded login is enough to find it"
        case .moreThan16Bytes(let isMutual, let bytes):
            "the \(Self.mutual(isMutual))CHAP secret has \(bytes) bytes; some storage systems and initiators take 12 to 16"
        case .monotonousSecret(let isMutual, let different):
            "the \(Self.mutual(isMutual))CHAP secret is made of \(different) different bytes, and guessed sooner than its length says"
        case .secretBeyondASCII(let isMutual):
            "the \(Self.mutual(isMutual))CHAP secret has characters beyond ASCII, which the other side may hold as other bytes"
        case .byteOrderMark(let isMutual):
            "the \(Self.mutual(isMutual))CHAP secret begins with a byte order mark, which the editor of its file put there"
        }
    }

    private static func mutual(_ isMutual: Bool) -> String { isMutual ? "mutual " : "" }

    /// Of one direction.
    package static func findings(user: String?, secret: CHAPSecret, isMutual: Bool) -> [CHAPRule] {
        var rules: [CHAPRule] = []
        if let user {
            if user.isEmpty { rules.append(.emptyUser(isMutual: isMutual)) }
            if user.utf8.count > 255 { rules.append(.longUser(isMutual: isMutual)) }
            if user.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) { rules.append(.unprintableUser(isMutual: isMutual)) }
            if user.utf8.first == 0x20 || user.utf8.last == 0x20 { rules.append(.unrecordableUser(isMutual: isMutual)) }
        }
        secret.withBytes { bytes in
            switch bytes.count {
            case 0: rules.append(.emptySecret(isMutual: isMutual))
            case 256...: rules.append(.longSecret(isMutual: isMutual))
            case ..<12: rules.append(.shortSecret(isMutual: isMutual, bytes: bytes.count))
            case 17...: rules.append(.moreThan16Bytes(isMutual: isMutual, bytes: bytes.count))
            default: break
            }
            // Of "secret\r" its end alone is at fault.
            let text = bytes.last == 0x0D ? bytes.dropLast() : bytes[...]
            if bytes.last == 0x0D { rules.append(.windowsLineEnd(isMutual: isMutual)) }
            if text.contains(where: { $0 < 0x20 || $0 == 0x7F }) || bytes.first == 0x20 || bytes.last == 0x20 {
                rules.append(.unrecordableSecret(isMutual: isMutual))
            }
            if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
                rules.append(.byteOrderMark(isMutual: isMutual))
            } else if bytes.contains(where: { $0 >= 0x80 }) {
                rules.append(.secretBeyondASCII(isMutual: isMutual))
            }
            let different = Set(bytes).count
            if bytes.count >= 12, different < 6 { rules.append(.monotonousSecret(isMutual: isMutual, different: different)) }
        }
        return rules
    }
}
