import Files
import Identifiers
import PadSimulation
import Testing

@testable import Sealing

/// The files that docs/scratch-pad.md speaks of.
@Suite(.serialized) struct VectorTests {
    @Test(.enabled(if: Vectors.isUpdating, "by design: UPDATE_VECTORS=1 records them")) func `vectors are made anew`() throws {
        let test = try TestKeys(now: Vectors.now, leafLifetime: .seconds(20 * 365 * 86_400))
        func write(_ name: String, _ bytes: [UInt8]) throws { try replaceFile("\(Vectors.directory)/\(name)", with: bytes, mode: 0o644) }
        try write("ca.key", test.keys.authority.key.pem())
        try write("ca.pem", test.keys.authority.certificate.pem)
        try write("signing.pem", test.keys.signing.key.pem() + test.keys.signing.certificate.pem)
        try write("decryption.pem", test.keys.decryption.key.pem() + test.keys.decryption.certificate.pem)
        try write("host.key", test.hostKey.pem())
        try write("host.pem", test.host.certificate.pem)
        try write("host-first.pem", test.stranger.certificate.pem)
        try write("host.csr", CertificateRequest(key: test.hostKey, subjectName: "db1.example.com").der)
        let recipient = test.keys.decryption.certificate
        try write("message.p7m", Sealing.seal(Vectors.payload, signer: test.host, recipient: recipient))
        try write("first-message.p7m", Sealing.seal(Vectors.payload, signer: test.stranger, recipient: recipient))
        try write("signed.p7s", Sealing.sign(Vectors.payload, signer: test.host))
        try write("header.p7s", Sealing.sign(Vectors.payload, signer: test.keys.headerSigner))
    }

    @Test func `the sealed message of the vectors is opened`() throws {
        let keys = try Vectors.keys()
        let opened = try Sealing.open(Vectors.bytes("message.p7m"), with: keys.recipientKeys)
        #expect(opened.payload == Vectors.payload)
        #expect(opened.signer.fault(issuedBy: keys.authority.certificate, role: .host, at: Vectors.now) == nil)
        #expect(opened.signer.fingerprint == (try Vectors.host().key.fingerprint))
    }

    @Test func `the first message of the vectors is signed by its own key`() throws {
        let keys = try Vectors.keys()
        let opened = try Sealing.open(Vectors.bytes("first-message.p7m"), with: keys.recipientKeys)
        #expect(opened.signer.isSelfIssued)
        #expect(
            opened.signer.fault(issuedBy: keys.authority.certificate, role: .host, at: Vectors.now)
                == .wrongRole(expected: .host, found: nil))
        #expect(try CertificateRequest(der: Vectors.bytes("host.csr")).publicKey == opened.signer.publicKey)
    }

    @Test func `the signed header of the vectors carries its authority`() throws {
        let verified = try Sealing.verify(Vectors.bytes("header.p7s"), certificateCounts: 2...2)
        #expect(verified.payload == Vectors.payload)
        #expect(verified.certificates.contains { $0.isAuthority && $0.isSigned(by: $0.publicKey) })
    }
}
