import Testing

@testable import Sealing

/// Everything but the one shape, made with OpenSSL's own programs (Vectors/make-refused).
@Suite struct RefusedShapesTests {
    static let envelopes: [(file: String, expected: String)] = [
        ("kdf-sha1", "key agreement with SHA-256 and AES-256 key wrap"),
        ("kdf-sha512", "key agreement with SHA-256 and AES-256 key wrap"),
        ("aes-128", "key agreement with SHA-256 and AES-256 key wrap"),
        ("aes-128-wrap", "key agreement with SHA-256 and AES-256 key wrap"),
        ("cbc", "authenticated-enveloped data"),
        ("encrypted-data", "authenticated-enveloped data"),
        ("signed-only", "authenticated-enveloped data"),
        ("issuer-and-serial", "a recipient by key identifier"),
        ("two-recipients", "nothing more in recipients but one"),
        ("indefinite", "a CMS message with a definite length of at most four bytes"),
        ("rsa-recipient", "a key-agreement recipient"),
    ]

    @Test(arguments: envelopes)
    func `an envelope of another shape is refused before it is opened`(file: String, expected: String) throws {
        let keys = try Vectors.keys().recipientKeys
        let sealed = try Vectors.bytes("refused/\(file).p7m")
        #expect { try Sealing.open(sealed, with: keys) } throws: { error in
            guard case SealingError.shape(_, let found) = error else { return false }
            #expect(found == expected)
            return true
        }
    }

    static let signatures: [(file: String, expected: String)] = [
        ("two-signers", "at most 1 certificates"),
        ("rsa-signer", "the signature algorithm ecdsa-with-SHA256"),
        ("p384-signer", "an ECDSA signature of P-256"),
        ("digest-sha384", "the digest SHA-256"),
        ("digest-sha1", "the digest SHA-256"),
        ("no-attributes", "signed attributes"),
        ("no-certificate", "certificates"),
        ("extra-certificate", "at most 1 certificates"),
        ("detached", "attached content"),
        ("signer-issuer-and-serial", "version 3 of signed data"),
        ("cades", "no attribute but content type, digest and signing time"),
        ("stream-signed", "a CMS message with a definite length of at most four bytes"),
        ("not-cms", "a CMS message"),
        ("data-only", "signed data"),
    ]

    @Test(arguments: signatures)
    func `a signature of another shape in a good envelope is refused before it is checked`(file: String, expected: String) throws {
        let keys = try Vectors.keys().recipientKeys
        let sealed = try Vectors.bytes("refused/\(file).p7m")
        #expect { try Sealing.open(sealed, with: keys) } throws: { error in
            guard case SealingError.shape(_, let found) = error else { return false }
            #expect(found == expected)
            return true
        }
    }

    @Test func `a message for somebody else is told apart from a bad one`() throws {
        let keys = try Vectors.keys().recipientKeys
        let recipient = try Vectors.host().key.fingerprint
        #expect(throws: SealingError.notForUs(recipient: recipient)) {
            try Sealing.open(Vectors.bytes("refused/other-recipient.p7m"), with: keys)
        }
    }

    static let certificates: [(file: String, expected: String)] = [
        ("rsa", "the signature algorithm ecdsa-with-SHA256"),
        ("ed25519", "the signature algorithm ecdsa-with-SHA256"),
        ("p384", "an ECDSA signature of P-256"),
        ("other-key-identifier", "a subject key identifier that is the key's SHA-256"),
    ]

    @Test(arguments: certificates)
    func `a certificate of another kind is refused`(file: String, expected: String) throws {
        let der = try Vectors.bytes("refused/\(file).crt")
        #expect { try Certificate(der: der) } throws: { error in
            guard case SealingError.shape(_, let found) = error else { return false }
            #expect(found == expected)
            return true
        }
    }
}
