import Identifiers

extension Identifier: APIText {
    package static var placeholderText: String { Kind.prefix + "-aaaaaaaaaaaaaaaaaaaaaaaaaa" }
    package static var meaning: String { "the ID of a \(Kind.prefix): 1 to 128 printable characters, no space and no slash" }
}

extension Fingerprint: APIText {
    package static var placeholderText: String { "SHA256:" + String(repeating: "A", count: 43) }
    package static var meaning: String { "a fingerprint: SHA256: and the unpadded base64 of the digest of the public key" }
}

extension Timestamp: APIText {
    package static var placeholderText: String { "2026-11-21T07:30:00Z" }
    package static var meaning: String { "a time, as RFC 3339" }
}

extension InitiatorName: APIText {
    package static var placeholderText: String { "iqn.1993-08.org.debian:01:abcdef" }
    package static var meaning: String { "a WWPN, an iSCSI name or an NVMe qualified name" }
}
