import Identifiers

/// Issues certificates with its key: the controller's CA.
package struct CertificateAuthority: Sendable {
    package let key: PrivateKey
    package let certificate: Certificate

    package init(key: PrivateKey, certificate: Certificate) throws(SealingError) {
        guard certificate.isAuthority else { throw .badCertificate(.notAnAuthority) }
        guard certificate.publicKey == key.publicKey else { throw .badKey("it is not the key of the authority's certificate") }
        self.key = key
        self.certificate = certificate
    }

    /// What administrators give to agents, and agents pin.
    package var fingerprint: Fingerprint { certificate.fingerprint }

    /// Certificates begin this long before they are made, so that a clock that is behind still believes them.
    package static let backdating = Duration.seconds(25 * 3600)

    /// A new authority with a certificate of its own, for `lifetime`.
    package static func create(
        key: PrivateKey, name: String, now: Timestamp, lifetime: Duration
    ) throws(SealingError) -> CertificateAuthority {
        let certificate = try Self.certificate(
            for: key.publicKey, subjectName: name, issuerName: name, issuer: key,
            validity: (now - backdating)...(now + lifetime), purpose: .authority)
        return try CertificateAuthority(key: key, certificate: certificate)
    }

    /// A certificate for a role, from a day ago to `lifetime` from now, but not beyond the authority's own end.
    package func issue(
        for publicKey: PublicKey, role: CertificateRole, subjectName: String, now: Timestamp, lifetime: Duration
    ) throws(SealingError) -> Certificate {
        let end = min(now + lifetime, certificate.notAfter)
        let begin = max(min(now - Self.backdating, end), certificate.notBefore)
        return try Self.certificate(
            for: publicKey, subjectName: subjectName, issuerName: certificate.subjectName, issuer: key,
            validity: min(begin, end)...end, purpose: .role(role))
    }

    /// The certificate with which a host signs before it was issued one: its own key vouches for nothing but itself.
    package static func selfSigned(
        key: PrivateKey, subjectName: String, now: Timestamp, lifetime: Duration
    ) throws(SealingError) -> Certificate {
        try certificate(
            for: key.publicKey, subjectName: subjectName, issuerName: subjectName, issuer: key,
            validity: (now - backdating)...(now + lifetime), purpose: .firstContact)
    }

    private enum Purpose {
        case authority
        case role(CertificateRole)
        case firstContact
    }

    private static func certificate(
        for publicKey: PublicKey, subjectName: String, issuerName: String, issuer: PrivateKey,
        validity: ClosedRange<Timestamp>, purpose: Purpose
    ) throws(SealingError) -> Certificate {
        // 127 random bits, and one in front so that none is zero or negative.
        var serial = Secrets.random(16)
        serial[0] = serial[0] & 0x3F | 0x40
        let body = DER.sequence(
            Certificate.version3, DER.integer(serial), Certificate.algorithm, name(issuerName),
            DER.sequence(DER.time(validity.lowerBound), DER.time(validity.upperBound)), name(subjectName),
            publicKey.subjectPublicKeyInfo,
            DER.element(DERTag.constructed(3), extensions(of: publicKey, issuer: issuer, purpose: purpose)))
        return try Certificate(der: DER.sequence(body, Certificate.algorithm, DER.bitString(try issuer.sign(body))))
    }

    private static func extensions(of publicKey: PublicKey, issuer: PrivateKey, purpose: Purpose) -> [UInt8] {
        // Bits of keyUsage (RFC 5280, 4.2.1.3): digitalSignature is the first, keyAgreement the fifth, keyCertSign the sixth.
        let usage: [UInt8] =
            switch purpose {
            case .authority: DER.bitString([0x04], unused: 2)
            case .role(.controllerSigning): DER.bitString([0x80], unused: 7)
            case .role(.controllerDecryption): DER.bitString([0x08], unused: 3)
            case .role(.host), .firstContact: DER.bitString([0x88], unused: 3)
            }
        var list: [[UInt8]] = [
            certificateExtension(OID.subjectKeyIdentifier, DER.octetString(publicKey.fingerprint.bytes)),
            certificateExtension(
                OID.authorityKeyIdentifier, DER.sequence(DER.element(DERTag.context(0), issuer.fingerprint.bytes))),
            certificateExtension(OID.keyUsage, usage, isCritical: true),
        ]
        switch purpose {
        case .authority:
            let constraints = DER.sequence([DERTag.boolean, 1, 0xFF], DER.integer([0]))
            list.append(certificateExtension(OID.basicConstraints, constraints, isCritical: true))
        case .role(let role):
            list.append(certificateExtension(OID.extendedKeyUsage, DER.sequence(DER.objectIdentifier(role.encoded))))
        case .firstContact:
            break
        }
        return DER.element(DERTag.sequence, list.flatMap { $0 })
    }

    private static func certificateExtension(_ identifier: [UInt8], _ value: [UInt8], isCritical: Bool = false) -> [UInt8] {
        DER.sequence(
            DER.objectIdentifier(identifier), isCritical ? [DERTag.boolean, 1, 0xFF] : [], DER.octetString(value))
    }

    /// A Name of one common name; other characters than printable ASCII become `?`, and 200 are kept.
    static func name(_ commonName: String) -> [UInt8] {
        let printable = commonName.utf8.prefix(200).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
        let text = printable.isEmpty ? "unnamed" : String(decoding: printable, as: UTF8.self)
        return DER.sequence(DER.set(DER.sequence(DER.objectIdentifier(OID.commonName), DER.utf8String(text))))
    }
}
