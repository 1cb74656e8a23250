import Identifiers

/// AuthEnvelopedData as it is written and read here, and no other. Checked before libcrypto sees a byte.
///
///     ContentInfo       ::= SEQUENCE { id-ct-authEnvelopedData, [0] AuthEnvelopedData }                          RFC 5083
///     AuthEnvelopedData ::= SEQUENCE { 0, SET { [1] KeyAgreeRecipientInfo },
///                                      SEQUENCE { id-data, SEQUENCE { id-aes256-GCM, SEQUENCE { OCTET STRING (12), 16 } },
///                                                 [0] ciphertext }, OCTET STRING (16) }
///     KeyAgreeRecipientInfo ::= SEQUENCE { 3, [0] { [1] { SEQUENCE { id-ecPublicKey }, BIT STRING (65 bytes) } },        RFC 5652, 5753
///                                      SEQUENCE { dhSinglePass-stdDH-sha256kdf, SEQUENCE { id-aes256-wrap } },
///                                      SEQUENCE { SEQUENCE { [0] { OCTET STRING (32) }, OCTET STRING (40) } } }
struct SealedShape {
    /// The recipient's subject key identifier: its key's fingerprint.
    let recipient: Fingerprint

    init(_ bytes: [UInt8]) throws(SealingError) {
        var file = DERReader(bytes)
        var content = try file.enter(DERTag.sequence, "a CMS message")
        try file.finish("the file")
        try content.expect(DER.objectIdentifier(OID.authEnvelopedData), "authenticated-enveloped data")
        var wrapper = try content.enter(DERTag.constructed(0), "authenticated-enveloped data")
        try content.finish("a CMS message")
        var body = try wrapper.enter(DERTag.sequence, "authenticated-enveloped data")
        try wrapper.finish("a CMS message")
        try body.expect([DERTag.integer, 1, 0], "version 0")
        var recipients = try body.enter(DERTag.set, "recipients, and no originator's information")
        var agreement = try recipients.enter(DERTag.constructed(1), "a key-agreement recipient")
        try recipients.finish("recipients but one")
        recipient = try Self.recipient(&agreement)
        var encrypted = try body.enter(DERTag.sequence, "encrypted content")
        try encrypted.expect(DER.objectIdentifier(OID.data), "content of the type data")
        var cipher = try encrypted.enter(DERTag.sequence, "a cipher")
        try cipher.expect(DER.objectIdentifier(OID.aes256GCM), "AES-256-GCM")
        var parameters = try cipher.enter(DERTag.sequence, "parameters of AES-256-GCM")
        try cipher.finish("a cipher")
        let nonce = try parameters.read(DERTag.octetString, "a nonce")
        guard nonce.count == 12 else { throw .shape(offset: nonce.lowerBound, expected: "a nonce of 12 bytes") }
        try parameters.expect([DERTag.integer, 1, 16], "a tag of 16 bytes")
        try parameters.finish("parameters of AES-256-GCM")
        _ = try encrypted.read(DERTag.context(0), "a ciphertext in one piece")
        try encrypted.finish("encrypted content")
        let tag = try body.read(DERTag.octetString, "a tag, and no attributes")
        guard tag.count == 16 else { throw .shape(offset: tag.lowerBound, expected: "a tag of 16 bytes") }
        try body.finish("authenticated-enveloped data")
    }

    private static func recipient(_ agreement: inout DERReader) throws(SealingError) -> Fingerprint {
        try agreement.expect([DERTag.integer, 1, 3], "version 3 of a recipient")
        var originator = try agreement.enter(DERTag.constructed(0), "an originator")
        var key = try originator.enter(DERTag.constructed(1), "an originator's public key")
        try originator.finish("an originator")
        try key.expect(ephemeralAlgorithm, "an elliptic-curve key")
        let point = try key.read(DERTag.bitString, "a point")
        guard point.count == 66, agreement.bytes[point.lowerBound] == 0, agreement.bytes[point.lowerBound + 1] == 4 else {
            throw .shape(offset: point.lowerBound, expected: "a point of P-256, uncompressed")
        }
        try key.finish("an originator's public key")
        try agreement.expect(keyAgreementAlgorithm, "key agreement with SHA-256 and AES-256 key wrap")
        var keys = try agreement.enter(DERTag.sequence, "encrypted keys")
        try agreement.finish("a recipient")
        var encrypted = try keys.enter(DERTag.sequence, "an encrypted key")
        try keys.finish("encrypted keys but one")
        var named = try encrypted.enter(DERTag.constructed(0), "a recipient by key identifier")
        let identifier = try named.read(DERTag.octetString, "a key identifier")
        try named.finish("a key identifier alone")
        let wrapped = try encrypted.read(DERTag.octetString, "a wrapped key")
        try encrypted.finish("an encrypted key")
        guard wrapped.count == 40 else { throw .shape(offset: wrapped.lowerBound, expected: "a wrapped key of 40 bytes") }
        guard let recipient = Fingerprint(bytes: Array(agreement.bytes[identifier])) else {
            throw .shape(offset: identifier.lowerBound, expected: "a key identifier of 32 bytes")
        }
        return recipient
    }

    private static let ephemeralAlgorithm = DER.sequence(DER.objectIdentifier(OID.ecPublicKey))
    private static let keyAgreementAlgorithm = DER.sequence(
        DER.objectIdentifier(OID.ecdhSHA256KDF), DER.sequence(DER.objectIdentifier(OID.aes256Wrap)))
}

/// SignedData as it is written and read here, and no other.
///
///     ContentInfo ::= SEQUENCE { id-signedData, [0] SignedData }                                                       RFC 5652
///     SignedData  ::= SEQUENCE { 3, SET { SEQUENCE { SHA-256 } }, SEQUENCE { id-data, [0] { OCTET STRING } },
///                                [0] { Certificate, … }, SET { SignerInfo } }
///     SignerInfo  ::= SEQUENCE { 3, [0] key identifier (32), SEQUENCE { SHA-256 }, [0] { contentType, messageDigest, signingTime },
///                                SEQUENCE { ecdsa-with-SHA256 }, OCTET STRING }
struct SignedShape {
    let payload: Range<Int>
    /// As they stand.
    let certificates: [Certificate]
    /// The one that the signer's key identifier names.
    let signer: Certificate

    init(_ bytes: [UInt8], certificateCounts: ClosedRange<Int>) throws(SealingError) {
        var file = DERReader(bytes)
        var content = try file.enter(DERTag.sequence, "a CMS message")
        try file.finish("the file")
        try content.expect(DER.objectIdentifier(OID.signedData), "signed data")
        var wrapper = try content.enter(DERTag.constructed(0), "signed data")
        try content.finish("a CMS message")
        var body = try wrapper.enter(DERTag.sequence, "signed data")
        try wrapper.finish("a CMS message")
        try body.expect([DERTag.integer, 1, 3], "version 3 of signed data")
        try body.expect(DER.set(Self.digestAlgorithm), "the digest SHA-256")
        var encapsulated = try body.enter(DERTag.sequence, "content")
        try encapsulated.expect(DER.objectIdentifier(OID.data), "content of the type data")
        var inner = try encapsulated.enter(DERTag.constructed(0), "attached content")
        try encapsulated.finish("content")
        payload = try inner.read(DERTag.octetString, "content in one piece")
        try inner.finish("content")
        var set = try body.enter(DERTag.constructed(0), "certificates")
        var certificates: [Certificate] = []
        while !set.isAtEnd {
            guard certificates.count < certificateCounts.upperBound else {
                throw .shape(offset: set.position, expected: "at most \(certificateCounts.upperBound) certificates")
            }
            let whole = try set.whole(DERTag.sequence, "a certificate")
            certificates.append(try Self.certificate(bytes, whole))
        }
        guard certificateCounts.contains(certificates.count) else {
            throw .shape(offset: set.position, expected: "at least \(certificateCounts.lowerBound) certificates")
        }
        var signers = try body.enter(DERTag.set, "signers, and no revocation lists")
        try body.finish("signed data")
        var signer = try signers.enter(DERTag.sequence, "a signer")
        try signers.finish("signers but one")
        let start = signer.position
        let identifier = try Self.signer(&signer)
        guard let found = certificates.first(where: { $0.fingerprint.bytes.elementsEqual(bytes[identifier]) }) else {
            throw .shape(offset: start, expected: "the certificate of the signer")
        }
        self.certificates = certificates
        self.signer = found
    }

    private static func certificate(_ bytes: [UInt8], _ range: Range<Int>) throws(SealingError) -> Certificate {
        do throws(SealingError) {
            return try Certificate(der: Array(bytes[range]))
        } catch .shape(let offset, let expected) {
            throw .shape(offset: range.lowerBound + offset, expected: expected)
        }
    }

    /// The range of the signer's key identifier.
    private static func signer(_ signer: inout DERReader) throws(SealingError) -> Range<Int> {
        try signer.expect([DERTag.integer, 1, 3], "version 3 of a signer")
        let identifier = try signer.read(DERTag.context(0), "a signer by key identifier")
        try signer.expect(digestAlgorithm, "the digest SHA-256")
        var attributes = try signer.enter(DERTag.constructed(0), "signed attributes")
        var seen: Set<[UInt8]> = []
        while !attributes.isAtEnd {
            var attribute = try attributes.enter(DERTag.sequence, "an attribute")
            let name = Array(attribute.bytes[try attribute.read(DERTag.objectIdentifier, "an attribute's name")])
            guard seen.insert(name).inserted else { throw .shape(offset: attribute.position, expected: "each attribute once") }
            var values = try attribute.enter(DERTag.set, "an attribute's values")
            try attribute.finish("an attribute")
            switch name {
            case OID.contentType:
                try values.expect(DER.objectIdentifier(OID.data), "the content type data")
            case OID.messageDigest:
                let digest = try values.read(DERTag.octetString, "a digest")
                guard digest.count == 32 else { throw .shape(offset: digest.lowerBound, expected: "a digest of 32 bytes") }
            case OID.signingTime:
                _ = try values.time("a signing time")
            default:
                throw .shape(offset: values.position, expected: "no attribute but content type, digest and signing time")
            }
            try values.finish("an attribute of one value")
        }
        guard seen.contains(OID.contentType), seen.contains(OID.messageDigest) else {
            throw .shape(offset: signer.position, expected: "the attributes content type and digest")
        }
        try signer.expect(Certificate.algorithm, "the signature algorithm ecdsa-with-SHA256")
        let signature = try signer.read(DERTag.octetString, "a signature")
        guard (8...72).contains(signature.count) else {
            throw .shape(offset: signature.lowerBound, expected: "an ECDSA signature of P-256")
        }
        try signer.finish("a signer without unsigned attributes")
        return identifier
    }

    private static let digestAlgorithm = DER.sequence(DER.objectIdentifier(OID.sha256))
}
