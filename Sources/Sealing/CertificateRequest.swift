import Identifiers

/// A certificate request (PKCS #10, RFC 2986), signed by the key that it is for.
///
///     CertificationRequest ::= SEQUENCE { SEQUENCE { 0, Name, SubjectPublicKeyInfo, [0] attributes }, ecdsa-with-SHA256, BIT STRING }
package struct CertificateRequest: Sendable {
    package let der: [UInt8]
    package let publicKey: PublicKey
    package let subjectName: String

    package static let maximumLength = 2048

    /// Throws `.shape` for anything else, `.badSignature` where the key did not sign it.
    package init(der: [UInt8]) throws(SealingError) {
        guard der.count <= Self.maximumLength else { throw .tooLarge(bytes: der.count, limit: Self.maximumLength) }
        var file = DERReader(der)
        var request = try file.enter(DERTag.sequence, "a certificate request")
        try file.finish("a certificate request's file")
        let information = try request.whole(DERTag.sequence, "a request's contents")
        try request.expect(Certificate.algorithm, "the signature algorithm ecdsa-with-SHA256")
        let bits = try request.read(DERTag.bitString, "a request's signature")
        try request.finish("a certificate request")
        guard (9...73).contains(bits.count), der[bits.lowerBound] == 0 else {
            throw .shape(offset: bits.lowerBound, expected: "an ECDSA signature of P-256")
        }
        var body = DERReader(der, information)
        body = try body.enter(DERTag.sequence, "a request's contents")
        try body.expect(DER.integer([0]), "version 1 of a request")
        subjectName = try body.commonName("the subject's name")
        publicKey = try PublicKey(subjectPublicKeyInfo: Array(der[body.whole(DERTag.sequence, "a public key")]))
        // Attributes ask for extensions; the controller decides those.
        _ = try body.read(DERTag.constructed(0), "attributes")
        try body.finish("a request's contents")
        guard try publicKey.verifies(Array(der[(bits.lowerBound + 1)..<bits.upperBound]), of: Array(der[information])) else {
            throw .badSignature
        }
        self.der = der
    }

    /// A request for `key`. The name is for people; the controller gives its own.
    package init(key: PrivateKey, subjectName: String) throws(SealingError) {
        let information = DER.sequence(
            DER.integer([0]), CertificateAuthority.name(subjectName), key.publicKey.subjectPublicKeyInfo,
            DER.element(DERTag.constructed(0), []))
        der = DER.sequence(information, Certificate.algorithm, DER.bitString(try key.sign(information)))
        publicKey = key.publicKey
        self.subjectName = subjectName
    }
}
