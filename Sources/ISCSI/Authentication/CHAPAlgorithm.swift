import CCrypto

/// A digest of CHAP, by its number (RFC 7143 section 12.1.3; IANA's registry of PPP authentication algorithms).
package enum CHAPAlgorithm: UInt8, Sendable, CaseIterable, CustomStringConvertible {
    case md5 = 5
    case sha1 = 6
    case sha256 = 7
    case sha3 = 8

    package var description: String {
        switch self {
        case .md5: "MD5"
        case .sha1: "SHA-1"
        case .sha256: "SHA-256"
        case .sha3: "SHA3-256"
        }
    }

    /// Bytes of a response.
    package var length: Int {
        switch self {
        case .md5: 16
        case .sha1: 20
        case .sha256, .sha3: 32
        }
    }

    /// What this host's libcrypto computes, the strongest first. In FIPS mode there is no MD5.
    package static let available: [CHAPAlgorithm] = allCases.reversed().filter {
        $0.response(identifier: 0, secret: CHAPSecret([0]), challenge: [0]) != nil
    }

    /// Digest of identifier, secret and challenge, in this order (RFC 1994 section 4.1); nil where libcrypto does not compute it.
    package func response(identifier: UInt8, secret: CHAPSecret, challenge: [UInt8]) -> [UInt8]? {
        var digest = [UInt8](repeating: 0, count: length)
        let isComputed = secret.withBytes { secret in
            quartermaster_chap(
                Int32(rawValue), identifier, secret.baseAddress?.assumingMemoryBound(to: UInt8.self), secret.count, challenge,
                challenge.count, &digest,
                length)
        }
        return isComputed == 1 ? digest : nil
    }
}
