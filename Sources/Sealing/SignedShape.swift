import Identifiers

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
    /// The attributes with their tag and length; what is signed is this with the tag of a SET (RFC 5652, 5.4).
    let signedAttributes: Range<Int>
    /// The digest that they name, 32 bytes.
    let digest: Range<Int>
    let signature: Range<Int>

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
        let information = try SignerInformation(&signer)
        guard let found = certificates.first(where: { $0.fingerprint.bytes.elementsEqual(bytes[information.identifier]) }) else {
            throw .shape(offset: start, expected: "the certificate of the signer")
        }
        self.certificates = certificates
        self.signer = found
        signedAttributes = information.attributes
        digest = information.digest
        signature = information.signature
    }

    private static func certificate(_ bytes: [UInt8], _ range: Range<Int>) throws(SealingError) -> Certificate {
        do throws(SealingError) {
            return try Certificate(der: Array(bytes[range]))
        } catch .shape(let offset, let expected) {
            throw .shape(offset: range.lowerBound + offset, expected: expected)
        }
    }

    static let digestAlgorithm = DER.sequence(DER.objectIdentifier(OID.sha256))
}

/// The one SignerInfo of a `SignedShape`.
private struct SignerInformation {
    /// The signer's key identifier.
    let identifier: Range<Int>
    let attributes: Range<Int>
    let digest: Range<Int>
    let signature: Range<Int>

    init(_ signer: inout DERReader) throws(SealingError) {
        try signer.expect([DERTag.integer, 1, 3], "version 3 of a signer")
        identifier = try signer.read(DERTag.context(0), "a signer by key identifier")
        try signer.expect(SignedShape.digestAlgorithm, "the digest SHA-256")
        attributes = try signer.whole(DERTag.constructed(0), "signed attributes")
        digest = try Self.digest(DERReader(signer.bytes, attributes))
        try signer.expect(Certificate.algorithm, "the signature algorithm ecdsa-with-SHA256")
        signature = try signer.read(DERTag.octetString, "a signature")
        guard (8...72).contains(signature.count) else {
            throw .shape(offset: signature.lowerBound, expected: "an ECDSA signature of P-256")
        }
        try signer.finish("a signer without unsigned attributes")
    }

    /// Content type and digest, and perhaps the time, each once and with one value.
    private static func digest(_ whole: DERReader) throws(SealingError) -> Range<Int> {
        var whole = whole
        var attributes = try whole.enter(DERTag.constructed(0), "signed attributes")
        var seen: Set<[UInt8]> = []
        var digest: Range<Int>?
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
                let found = try values.read(DERTag.octetString, "a digest")
                guard found.count == 32 else { throw .shape(offset: found.lowerBound, expected: "a digest of 32 bytes") }
                digest = found
            case OID.signingTime:
                _ = try values.time("a signing time")
            default:
                throw .shape(offset: values.position, expected: "no attribute but content type, digest and signing time")
            }
            try values.finish("an attribute of one value")
        }
        guard seen.contains(OID.contentType), let digest else {
            throw .shape(offset: attributes.position, expected: "the attributes content type and digest")
        }
        return digest
    }
}

extension SignedShape {
    /// The signed attributes of a payload, as the SET that is signed: in the order of DER.
    static func attributes(of payload: [UInt8]) -> [UInt8] {
        DER.set(
            DER.sequence(DER.objectIdentifier(OID.contentType), DER.set(DER.objectIdentifier(OID.data))),
            DER.sequence(DER.objectIdentifier(OID.messageDigest), DER.set(DER.octetString(SHA256.digest(payload)))))
    }

    /// The same shape, written. Certificates stand in the order of DER.
    static func encode(
        _ payload: [UInt8], attributes: [UInt8], signature: [UInt8], signer: Certificate, chain: [Certificate]
    ) -> [UInt8] {
        let certificates = ([signer] + chain).map(\.der).sorted { $0.lexicographicallyPrecedes($1) }
        let content = DER.sequence(
            DER.objectIdentifier(OID.data), DER.element(DERTag.constructed(0), DER.octetString(payload)))
        let information = DER.sequence(
            [DERTag.integer, 1, 3], DER.element(DERTag.context(0), signer.fingerprint.bytes), digestAlgorithm,
            [DERTag.constructed(0)] + attributes.dropFirst(), Certificate.algorithm, DER.octetString(signature))
        let body = DER.sequence(
            [DERTag.integer, 1, 3], DER.set(digestAlgorithm), content,
            DER.element(DERTag.constructed(0), certificates.flatMap { $0 }), DER.set(information))
        return DER.sequence(DER.objectIdentifier(OID.signedData), DER.element(DERTag.constructed(0), body))
    }
}
