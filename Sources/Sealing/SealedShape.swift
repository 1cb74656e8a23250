import Identifiers

/// AuthEnvelopedData as it is written and read here, and no other.
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
    /// The ephemeral key's point, 65 bytes.
    let point: Range<Int>
    /// The wrapped content key, 40 bytes.
    let wrappedKey: Range<Int>
    /// 12 bytes.
    let nonce: Range<Int>
    let ciphertext: Range<Int>
    /// 16 bytes.
    let tag: Range<Int>

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
        (recipient, point, wrappedKey) = try Self.recipient(&agreement)
        var encrypted = try body.enter(DERTag.sequence, "encrypted content")
        try encrypted.expect(DER.objectIdentifier(OID.data), "content of the type data")
        var cipher = try encrypted.enter(DERTag.sequence, "a cipher")
        try cipher.expect(DER.objectIdentifier(OID.aes256GCM), "AES-256-GCM")
        var parameters = try cipher.enter(DERTag.sequence, "parameters of AES-256-GCM")
        try cipher.finish("a cipher")
        nonce = try parameters.read(DERTag.octetString, "a nonce")
        guard nonce.count == 12 else { throw .shape(offset: nonce.lowerBound, expected: "a nonce of 12 bytes") }
        try parameters.expect([DERTag.integer, 1, 16], "a tag of 16 bytes")
        try parameters.finish("parameters of AES-256-GCM")
        ciphertext = try encrypted.read(DERTag.context(0), "a ciphertext in one piece")
        try encrypted.finish("encrypted content")
        tag = try body.read(DERTag.octetString, "a tag, and no attributes")
        guard tag.count == 16 else { throw .shape(offset: tag.lowerBound, expected: "a tag of 16 bytes") }
        try body.finish("authenticated-enveloped data")
    }

    /// Who it is for, the ephemeral point and the wrapped key.
    private static func recipient(
        _ agreement: inout DERReader
    ) throws(SealingError) -> (Fingerprint, point: Range<Int>, wrappedKey: Range<Int>) {
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
        return (recipient, point.dropFirst().startIndex..<point.upperBound, wrapped)
    }

    static let ephemeralAlgorithm = DER.sequence(DER.objectIdentifier(OID.ecPublicKey))
    static let keyAgreementAlgorithm = DER.sequence(
        DER.objectIdentifier(OID.ecdhSHA256KDF), DER.sequence(DER.objectIdentifier(OID.aes256Wrap)))
}

extension SealedShape {
    /// The same shape, written.
    static func encode(
        recipient: Fingerprint, point: [UInt8], wrappedKey: [UInt8], nonce: [UInt8], ciphertext: [UInt8], tag: [UInt8]
    ) -> [UInt8] {
        let originator = DER.element(
            DERTag.constructed(0), DER.element(DERTag.constructed(1), ephemeralAlgorithm + DER.bitString(point)))
        let encryptedKey = DER.sequence(
            DER.element(DERTag.constructed(0), DER.octetString(recipient.bytes)), DER.octetString(wrappedKey))
        let agreement = DER.element(
            DERTag.constructed(1), [DERTag.integer, 1, 3] + originator + keyAgreementAlgorithm + DER.sequence(encryptedKey))
        let cipher = DER.sequence(
            DER.objectIdentifier(OID.aes256GCM), DER.sequence(DER.octetString(nonce), [DERTag.integer, 1, 16]))
        let encrypted = DER.sequence(
            DER.objectIdentifier(OID.data), cipher, DER.element(DERTag.context(0), ciphertext))
        let body = DER.sequence([DERTag.integer, 1, 0], DER.set(agreement), encrypted, DER.octetString(tag))
        return DER.sequence(DER.objectIdentifier(OID.authEnvelopedData), DER.element(DERTag.constructed(0), body))
    }
}
