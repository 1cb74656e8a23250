import CSealing
import Identifiers

/// Who signs: a key, its certificate, and what else a verifier is given.
package struct Signer: Sendable {
    package let key: PrivateKey
    package let certificate: Certificate
    /// Embedded beside the signer's certificate.
    package let chain: [Certificate]

    package init(key: PrivateKey, certificate: Certificate, chain: [Certificate] = []) throws(SealingError) {
        guard certificate.publicKey == key.publicKey else { throw .badKey("it is not the key of the signer's certificate") }
        self.key = key
        self.certificate = certificate
        self.chain = chain
    }
}

/// The keys with which messages may be opened, by fingerprint.
package struct RecipientKeys: Sendable {
    private let keys: [Fingerprint: PrivateKey]

    package init(_ keys: [PrivateKey]) {
        self.keys = Dictionary(keys.map { ($0.fingerprint, $0) }, uniquingKeysWith: { first, _ in first })
    }

    package subscript(_ fingerprint: Fingerprint) -> PrivateKey? { keys[fingerprint] }
    package var fingerprints: [Fingerprint] { keys.keys.sorted() }
}

/// A message that was opened: its signature fits its certificate. Whether the certificate is believed is the caller's to ask.
package struct Opened: Sendable {
    package let payload: [UInt8]
    package let signer: Certificate
    /// The key that it was sealed for.
    package let recipient: Fingerprint
}

/// Signed data whose signature fits its certificate.
package struct Verified: Sendable {
    package let payload: [UInt8]
    package let signer: Certificate
    /// All that were embedded, the signer's among them.
    package let certificates: [Certificate]
}

/// Messages: CMS AuthEnvelopedData around SignedData around data. Headers: SignedData alone. docs/scratch-pad.md has the shapes.
///
/// `openssl cms -decrypt` and `openssl cms -verify` open them, given the keys. May be called from several threads at once.
package enum Sealing {
    /// Bytes of the largest message that is opened unless the caller says less.
    package static let maximumBytes = 16 << 20

    /// Signs, then encrypts for one recipient.
    package static func seal(_ payload: [UInt8], signer: Signer, recipient: Certificate) throws(SealingError) -> [UInt8] {
        let signed = try sign(payload, signer: signer)
        let recipient = try recipient.libraryHandle()
        return try collected("seal a message") { quartermaster_cms_encrypt(signed, signed.count, recipient.pointer, $0, $1) }
    }

    /// Checks the shape, decrypts, checks the shape of what is inside, and checks the signature.
    package static func open(
        _ sealed: [UInt8], with keys: RecipientKeys, limit: Int = maximumBytes
    ) throws(SealingError) -> Opened {
        guard sealed.count <= limit else { throw .tooLarge(bytes: sealed.count, limit: limit) }
        let shape = try SealedShape(sealed)
        guard let key = keys[shape.recipient] else { throw .notForUs(recipient: shape.recipient) }
        guard let signed = bytes({ quartermaster_cms_decrypt(sealed, sealed.count, key.handle.pointer, $0, $1) }) else {
            throw .cannotDecrypt
        }
        let verified = try verify(signed, limit: limit, certificateCounts: 1...1)
        return Opened(payload: verified.payload, signer: verified.signer, recipient: shape.recipient)
    }

    /// SignedData with the signer's certificate and chain.
    package static func sign(_ payload: [UInt8], signer: Signer) throws(SealingError) -> [UInt8] {
        let certificate = try signer.certificate.libraryHandle()
        var chain: [CertificateHandle] = []
        for link in signer.chain { chain.append(try link.libraryHandle()) }
        let pointers: [OpaquePointer?] = chain.map(\.pointer)
        defer { withExtendedLifetime(chain) {} }
        return try collected("sign a message") {
            quartermaster_cms_sign(
                payload, payload.count, certificate.pointer, signer.key.handle.pointer, pointers, pointers.count, $0, $1)
        }
    }

    /// Checks the shape and the signature of SignedData.
    package static func verify(
        _ signed: [UInt8], limit: Int = maximumBytes, certificateCounts: ClosedRange<Int> = 1...3
    ) throws(SealingError) -> Verified {
        guard signed.count <= limit else { throw .tooLarge(bytes: signed.count, limit: limit) }
        let shape = try SignedShape(signed, certificateCounts: certificateCounts)
        guard quartermaster_cms_verify(signed, signed.count) == 1 else {
            _ = libraryError()
            throw .badSignature
        }
        return Verified(payload: Array(signed[shape.payload]), signer: shape.signer, certificates: shape.certificates)
    }

    /// The key that a message is sealed for, without opening it.
    package static func recipient(of sealed: [UInt8]) throws(SealingError) -> Fingerprint { try SealedShape(sealed).recipient }
}
