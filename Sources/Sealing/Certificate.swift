import Identifiers

/// A certificate of the one shape that Quartermaster makes and reads (RFC 5280, version 3): a P-256 key, signed with ECDSA and SHA-256, one
/// common name for issuer and subject each, and the subject key identifier equal to the key's fingerprint.
///
///     Certificate ::= SEQUENCE { TBSCertificate, ecdsa-with-SHA256, BIT STRING }
package final class Certificate: Sendable {
    package let der: [UInt8]
    package let publicKey: PublicKey
    /// Positive, at most 20 bytes, the highest first.
    package let serialNumber: [UInt8]
    package let issuerName: String
    package let subjectName: String
    package let notBefore: Timestamp
    package let notAfter: Timestamp
    package let isAuthority: Bool
    /// Nil for an authority and for a host's first, self-signed certificate.
    package let role: CertificateRole?
    /// The key that signed, as the certificate says.
    package let authorityKey: Fingerprint?

    private let toBeSigned: Range<Int>
    private let signature: Range<Int>

    /// Bytes of the largest certificate that is read.
    package static let maximumLength = 2048

    package init(der: [UInt8]) throws(SealingError) {
        guard der.count <= Self.maximumLength else { throw .tooLarge(bytes: der.count, limit: Self.maximumLength) }
        var file = DERReader(der)
        var certificate = try file.enter(DERTag.sequence, "a certificate")
        try file.finish("a certificate's file")
        toBeSigned = try certificate.whole(DERTag.sequence, "a certificate's contents")
        try certificate.expect(Self.algorithm, "the signature algorithm ecdsa-with-SHA256")
        let bits = try certificate.read(DERTag.bitString, "a certificate's signature")
        guard (9...73).contains(bits.count), der[bits.lowerBound] == 0 else {
            throw .shape(offset: bits.lowerBound, expected: "an ECDSA signature of P-256")
        }
        signature = bits.dropFirst().startIndex..<bits.upperBound
        try certificate.finish("a certificate")

        var body = DERReader(der, toBeSigned)
        body = try body.enter(DERTag.sequence, "a certificate's contents")
        try body.expect(Self.version3, "version 3 of a certificate")
        let serial = try body.read(DERTag.integer, "a serial number")
        guard (1...20).contains(serial.count), der[serial.lowerBound] < 0x80 else {
            throw .shape(offset: serial.lowerBound, expected: "a positive serial number of at most 20 bytes")
        }
        serialNumber = Array(der[serial])
        try body.expect(Self.algorithm, "the signature algorithm ecdsa-with-SHA256")
        issuerName = try body.commonName("the issuer's name")
        var validity = try body.enter(DERTag.sequence, "a validity")
        notBefore = try validity.time("the beginning of a validity")
        notAfter = try validity.time("the end of a validity")
        try validity.finish("a validity")
        subjectName = try body.commonName("the subject's name")
        publicKey = try PublicKey(subjectPublicKeyInfo: Array(der[body.whole(DERTag.sequence, "a public key")]))
        var wrapper = try body.enter(DERTag.constructed(3), "extensions")
        try body.finish("a certificate's contents")
        let extensions = try CertificateExtensions(&wrapper)
        guard extensions.subjectKey == publicKey.fingerprint.bytes else {
            throw .shape(offset: toBeSigned.lowerBound, expected: "a subject key identifier that is the key's SHA-256")
        }
        isAuthority = extensions.isAuthority
        role = extensions.role
        authorityKey = extensions.authorityKey.flatMap { Fingerprint(bytes: $0) }
        self.der = der
    }

    /// The SHA-256 of its SubjectPublicKeyInfo.
    package var fingerprint: Fingerprint { publicKey.fingerprint }

    /// Issued by its own key: an authority, or a host that has nothing else yet.
    package var isSelfIssued: Bool { issuerName == subjectName && authorityKey == fingerprint }

    /// Why it is not a certificate of that role, issued by that authority, and valid now; nil where it is. `grace` prolongs the end.
    package func fault(
        issuedBy authority: Certificate, role: CertificateRole, at now: Timestamp, grace: Duration = .zero
    ) -> CertificateFault? {
        guard authority.isAuthority else { return .notAnAuthority }
        guard self.role == role, !isAuthority else { return .wrongRole(expected: role, found: self.role) }
        guard issuerName == authority.subjectName, authorityKey == authority.fingerprint else { return .wrongIssuer }
        if now < notBefore { return .notYetValid(from: notBefore) }
        if notAfter + grace < now { return .expired(at: notAfter) }
        guard isSigned(by: authority.publicKey) else { return .badSignature }
        return nil
    }

    /// Whether that key signed this certificate.
    package func isSigned(by key: PublicKey) -> Bool {
        do throws(SealingError) {
            return try key.verifies(Array(der[signature]), of: Array(der[toBeSigned]))
        } catch {
            // A key that is no point of the curve signed nothing.
            return false
        }
    }

    static let algorithm = DER.sequence(DER.objectIdentifier(OID.ecdsaWithSHA256))
    static let version3 = DER.element(DERTag.constructed(0), DER.integer([2]))
}

extension Certificate: Hashable {
    package static func == (left: Certificate, right: Certificate) -> Bool { left.der == right.der }
    package func hash(into hasher: inout Hasher) { hasher.combine(serialNumber) }
}

extension Certificate {
    /// A file of one block, or the first of several.
    package convenience init(pem: [UInt8]) throws(SealingError) {
        guard let der = try PEM.blocks("CERTIFICATE", in: pem).first else {
            throw .shape(offset: 0, expected: "a certificate in PEM")
        }
        try self.init(der: der)
    }

    package var pem: [UInt8] { PEM.text("CERTIFICATE", der) }
}
