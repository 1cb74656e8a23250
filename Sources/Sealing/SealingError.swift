import Identifiers

/// Why bytes were not opened, a key not read, or a certificate not made.
package enum SealingError: Error, Equatable, Sendable {
    /// Not the one shape that is read. Nothing of it reached libcrypto.
    case shape(offset: Int, expected: String)
    case tooLarge(bytes: Int, limit: Int)
    /// Sealed for another key than those at hand.
    case notForUs(recipient: Fingerprint)
    /// The key agreement, the key wrap or the authentication tag does not fit: altered, or made for another key.
    case cannotDecrypt
    case badSignature
    case badKey(String)
    case badCertificate(CertificateFault)
    /// libcrypto could not do what it should always be able to do.
    case library(operation: String, detail: String)
}

extension SealingError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .shape(let offset, let expected): "at byte \(offset): expected \(expected)"
        case .tooLarge(let bytes, let limit): "\(bytes) bytes; at most \(limit) are opened"
        case .notForUs(let recipient): "sealed for the key \(recipient), which is not one of ours"
        case .cannotDecrypt: "cannot be decrypted: altered on the way, or sealed with other parameters than it says"
        case .badSignature: "the signature does not fit: altered, or signed by another key than the certificate's"
        case .badKey(let reason): "the key cannot be used: \(reason); a P-256 private key in PEM is expected"
        case .badCertificate(let fault): "the certificate is not believed: \(fault)"
        case .library(let operation, let detail): "libcrypto could not \(operation): \(detail)"
        }
    }
}

/// Why a certificate is not believed.
package enum CertificateFault: Error, Equatable, Sendable {
    case wrongIssuer
    case badSignature
    case notYetValid(from: Timestamp)
    case expired(at: Timestamp)
    case wrongRole(expected: CertificateRole, found: CertificateRole?)
    case notAnAuthority
    case notPinned(expected: Fingerprint, found: Fingerprint)
}

extension CertificateFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .wrongIssuer: "it was issued by another authority"
        case .badSignature: "its authority did not sign it"
        case .notYetValid(let from): "it is valid from \(from) only; compare the clocks"
        case .expired(let end): "it ended at \(end)"
        case .wrongRole(let expected, let found): "its role is \(found.map { "\($0)" } ?? "none"), not \(expected)"
        case .notAnAuthority: "it is no certificate of an authority"
        case .notPinned(let expected, let found): "the controller's key is \(found), not \(expected)"
        }
    }
}
