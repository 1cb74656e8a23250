import CCrypto
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
    /// The SignedData that was inside: whoever is given it can check the signature without being able to open messages.
    package let signed: [UInt8]
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
/// The shapes are so narrow that they are read and written here, with strict DER; libcrypto does the cryptography, and parses nothing that
/// came from a pad. `openssl cms -decrypt` and `openssl cms -verify` open them, given the keys. May be called from several threads at once.
package enum Sealing {
    /// Bytes of the largest message that is opened unless the caller says less.
    package static let maximumBytes = 16 << 20

    /// Signs, then encrypts for one recipient.
    package static func seal(_ payload: [UInt8], signer: Signer, recipient: Certificate) throws(SealingError) -> [UInt8] {
        try seal(payload, signer: signer, recipient: recipient.publicKey)
    }

    /// Signs, then encrypts for whoever has the private key of `recipient`.
    package static func seal(_ payload: [UInt8], signer: Signer, recipient: PublicKey) throws(SealingError) -> [UInt8] {
        let signed = try sign(payload, signer: signer)
        let handle = try recipient.handle()
        var point = [UInt8](repeating: 0, count: 65)
        var wrappedKey = [UInt8](repeating: 0, count: 40)
        var nonce = [UInt8](repeating: 0, count: 12)
        var tag = [UInt8](repeating: 0, count: 16)
        var result: Int32 = 0
        let ciphertext = [UInt8](unsafeUninitializedCapacity: signed.count) { buffer, count in
            result = quartermaster_envelope_seal(
                handle.pointer, signed, signed.count, &point, &wrappedKey, &nonce, buffer.baseAddress, &tag)
            count = result == 1 ? signed.count : 0
        }
        guard result == 1 else { throw .library(operation: "seal a message", detail: libraryError()) }
        return SealedShape.encode(
            recipient: recipient.fingerprint, point: point, wrappedKey: wrappedKey, nonce: nonce, ciphertext: ciphertext, tag: tag)
    }

    /// Checks the shape, decrypts, checks the shape of what is inside, and checks the signature.
    package static func open(
        _ sealed: [UInt8], with keys: RecipientKeys, limit: Int = maximumBytes
    ) throws(SealingError) -> Opened {
        guard sealed.count <= limit else { throw .tooLarge(bytes: sealed.count, limit: limit) }
        let shape = try SealedShape(sealed)
        guard let key = keys[shape.recipient] else { throw .notForUs(recipient: shape.recipient) }
        let signed = try decrypt(sealed, shape, key)
        let verified = try verify(signed, limit: limit, certificateCounts: 1...1)
        return Opened(payload: verified.payload, signer: verified.signer, signed: signed, recipient: shape.recipient)
    }

    /// SignedData with the signer's certificate and chain.
    package static func sign(_ payload: [UInt8], signer: Signer) throws(SealingError) -> [UInt8] {
        let attributes = SignedShape.attributes(of: payload)
        let signature = try signer.key.sign(attributes)
        return SignedShape.encode(
            payload, attributes: attributes, signature: signature, signer: signer.certificate, chain: signer.chain)
    }

    /// Checks the shape and the signature of SignedData: the digest in the signed attributes is the content's, and the key of the signer's
    /// certificate signed the attributes (RFC 5652, 5.4 and 5.6).
    package static func verify(
        _ signed: [UInt8], limit: Int = maximumBytes, certificateCounts: ClosedRange<Int> = 1...3
    ) throws(SealingError) -> Verified {
        guard signed.count <= limit else { throw .tooLarge(bytes: signed.count, limit: limit) }
        let shape = try SignedShape(signed, certificateCounts: certificateCounts)
        let payload = Array(signed[shape.payload])
        let attributes = [DERTag.set] + signed[shape.signedAttributes].dropFirst()
        guard Secrets.equal(SHA256.digest(payload), Array(signed[shape.digest])),
            try shape.signer.publicKey.verifies(Array(signed[shape.signature]), of: attributes)
        else { throw .badSignature }
        return Verified(payload: payload, signer: shape.signer, certificates: shape.certificates)
    }

    /// The key that a message is sealed for, without opening it.
    package static func recipient(of sealed: [UInt8]) throws(SealingError) -> Fingerprint { try SealedShape(sealed).recipient }

    private static func decrypt(_ sealed: [UInt8], _ shape: SealedShape, _ key: PrivateKey) throws(SealingError) -> [UInt8] {
        let length = shape.ciphertext.count
        var result: Int32 = 0
        let payload = [UInt8](unsafeUninitializedCapacity: max(1, length)) { buffer, count in
            result = sealed.withUnsafeBufferPointer { sealed in
                guard let base = sealed.baseAddress else { return 0 }
                return quartermaster_envelope_open(
                    key.handle.pointer, base + shape.point.lowerBound, base + shape.wrappedKey.lowerBound,
                    base + shape.nonce.lowerBound, base + shape.ciphertext.lowerBound, length, base + shape.tag.lowerBound,
                    buffer.baseAddress)
            }
            count = result == 1 ? length : 0
        }
        guard result == 1 else { throw .cannotDecrypt }
        return payload
    }
}
