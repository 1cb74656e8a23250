import Identifiers
import PadSimulation
import Testing

@testable import Sealing

@Suite struct CertificateTests {
    let test: TestKeys
    init() throws { test = try TestKeys() }

    @Test func `what was issued is read back`() throws {
        let certificate = try Certificate(der: test.host.certificate.der)
        #expect(certificate.role == .host)
        #expect(certificate.subjectName == "host-test")
        #expect(certificate.issuerName == "controller-test")
        #expect(certificate.notBefore == test.now - CertificateAuthority.backdating)
        #expect(certificate.notAfter == test.now + .seconds(86_400))
        #expect(certificate.serialNumber.count == 16)
        #expect(certificate.authorityKey == test.keys.fingerprint)
        #expect(certificate.fingerprint == test.hostKey.fingerprint)
        #expect(!certificate.isAuthority && !certificate.isSelfIssued)
        #expect(try Certificate(pem: certificate.pem) == certificate)
    }

    @Test(arguments: CertificateRole.allCases, CertificateRole.allCases)
    func `a role is only itself`(given: CertificateRole, wanted: CertificateRole) throws {
        let certificate = try test.keys.authority.issue(
            for: test.hostKey.publicKey, role: given, subjectName: "x", now: test.now, lifetime: .seconds(60))
        let fault = certificate.fault(issuedBy: test.keys.authority.certificate, role: wanted, at: test.now)
        #expect(fault == (given == wanted ? nil : .wrongRole(expected: wanted, found: given)))
    }

    @Test func `a certificate is judged by its time, with grace at the end alone`() throws {
        let certificate = test.host.certificate
        let authority = test.keys.authority.certificate
        func fault(_ at: Timestamp, grace: Duration = .zero) -> CertificateFault? {
            certificate.fault(issuedBy: authority, role: .host, at: at, grace: grace)
        }
        #expect(fault(certificate.notBefore) == nil)
        #expect(fault(certificate.notBefore - .seconds(1), grace: .seconds(60)) == .notYetValid(from: certificate.notBefore))
        #expect(fault(certificate.notAfter) == nil)
        #expect(fault(certificate.notAfter + .seconds(1)) == .expired(at: certificate.notAfter))
        #expect(fault(certificate.notAfter + .seconds(60), grace: .seconds(60)) == nil)
    }

    @Test func `a certificate of another controller is not believed, though its names are the same`() throws {
        let other = try TestKeys()
        #expect(
            other.host.certificate.fault(issuedBy: test.keys.authority.certificate, role: .host, at: test.now) == .wrongIssuer)
        #expect(test.host.certificate.fault(issuedBy: test.host.certificate, role: .host, at: test.now) == .notAnAuthority)
        var forged = test.host.certificate.der
        forged[forged.count - 1] ^= 1
        #expect(
            try Certificate(der: forged).fault(issuedBy: test.keys.authority.certificate, role: .host, at: test.now)
                == .badSignature)
    }

    @Test func `a leaf does not outlive its authority`() throws {
        let long = try test.keys.authority.issue(
            for: test.hostKey.publicKey, role: .host, subjectName: "x", now: test.now, lifetime: .seconds(100 * 365 * 86_400))
        #expect(long.notAfter == test.keys.authority.certificate.notAfter)
    }

    @Test(arguments: ["2049-12-31T23:59:59Z", "2050-01-01T00:00:00Z", "2026-02-28T12:00:00Z"])
    func `times before and after 2050 are kept`(time: String) throws {
        let now = try #require(Timestamp(time))
        let certificate = try CertificateAuthority.selfSigned(
            key: test.hostKey, subjectName: "x", now: now, lifetime: .zero)
        #expect(certificate.notAfter == now)
    }

    @Test func `a certificate that is cut or has a byte changed is refused or not believed`() throws {
        let der = test.host.certificate.der
        let authority = test.keys.authority.certificate
        for count in 0..<der.count { #expect(throws: SealingError.self) { try Certificate(der: Array(der[..<count])) } }
        for index in der.indices {
            var altered = der
            altered[index] ^= 0x01
            do throws(SealingError) {
                #expect(try Certificate(der: altered).fault(issuedBy: authority, role: .host, at: test.now) != nil, "byte \(index)")
            } catch {}
        }
    }

    @Test func `a request is signed by the key it is for`() throws {
        let request = try CertificateRequest(key: test.hostKey, subjectName: "db1")
        let read = try CertificateRequest(der: request.der)
        #expect(read.publicKey == test.hostKey.publicKey)
        #expect(read.subjectName == "db1")
        for index in request.der.indices {
            var altered = request.der
            altered[index] ^= 0x01
            #expect(throws: SealingError.self, "byte \(index)") { try CertificateRequest(der: altered) }
        }
    }

    @Test func `names from outside are made printable and short`() throws {
        let name = "b\u{0}se\u{1B}[31m" + String(repeating: "ü", count: 300)
        let certificate = try CertificateAuthority.selfSigned(
            key: test.hostKey, subjectName: name, now: test.now, lifetime: .seconds(60))
        #expect(certificate.subjectName.hasPrefix("b?se?[31m??"))
        #expect(certificate.subjectName.utf8.count == 200)
    }

    @Test func `a point that is not on the curve signs nothing and opens nothing`() throws {
        var spki = test.hostKey.publicKey.subjectPublicKeyInfo
        spki[90] ^= 1
        let key = try PublicKey(subjectPublicKeyInfo: spki)
        #expect(throws: SealingError.self) { try key.verifies([1], of: [2]) }
    }

    @Test func `keys of another kind are refused with what is expected`() throws {
        #expect(throws: SealingError.self) { try PrivateKey(pem: Array("no key".utf8)) }
        #expect("\(SealingError.badKey("x"))".contains("P-256 private key in PEM"))
    }
}
