import Files
import Foundation
import Identifiers
import PadSimulation
import TestPrograms
import Testing

@testable import Sealing

/// OpenSSL's own programs open what is made here, and what they make in the one shape is opened here.
@Suite struct OpenSSLTests {
    let directory: TemporaryDirectory
    let test: TestKeys

    init() throws {
        directory = try TemporaryDirectory()
        test = try TestKeys(now: Timestamp(seconds: Int64(Date().timeIntervalSince1970)))
        try write("ca.pem", test.keys.authority.certificate.pem)
        try write("decryption.key", test.keys.decryption.key.pem())
        try write("decryption.pem", test.keys.decryption.certificate.pem)
        try write("host.key", test.hostKey.pem())
        try write("host.pem", test.host.certificate.pem)
    }

    func write(_ name: String, _ bytes: [UInt8]) throws { try replaceFile("\(directory.path)/\(name)", with: bytes) }

    func openssl(_ arguments: String...) throws {
        let run = try ChildProcess.run("/usr/bin/env", ["-C", directory.path, "openssl"] + arguments)
        #expect(run.status == 0, "openssl \(arguments.joined(separator: " ")): \(String(decoding: run.output, as: UTF8.self))")
    }

    @Test func `openssl cms opens and verifies a message`() throws {
        let payload = Array("{\"a\":\"\\n\"}\r\n\n".utf8) + [0, 0xFF]
        try write("message.p7m", Sealing.seal(payload, signer: test.host, recipient: test.keys.decryption.certificate))
        try openssl(
            "cms", "-decrypt", "-inform", "DER", "-in", "message.p7m", "-binary", "-recip", "decryption.pem", "-inkey", "decryption.key",
            "-out", "signed.p7s")
        try openssl(
            "cms", "-verify", "-inform", "DER", "-in", "signed.p7s", "-binary", "-CAfile", "ca.pem", "-purpose", "any", "-out", "payload")
        #expect(try readFile("\(directory.path)/payload") == payload)
        #expect(try Sealing.verify(readFile("\(directory.path)/signed.p7s")).payload == payload)
    }

    @Test func `openssl cms verifies a header with the authority's certificate alone`() throws {
        try write("pad.p7s", Sealing.sign(Array("{}".utf8), signer: test.keys.headerSigner))
        try openssl(
            "cms", "-verify", "-inform", "DER", "-in", "pad.p7s", "-binary", "-CAfile", "ca.pem", "-purpose", "any", "-out", "payload")
        #expect(try readFile("\(directory.path)/payload") == Array("{}".utf8))
    }

    @Test func `what openssl cms makes in the one shape is opened`() throws {
        try write("payload", Array("hello".utf8))
        try openssl(
            "cms", "-sign", "-in", "payload", "-binary", "-nodetach", "-nosmimecap", "-keyid", "-md", "sha256", "-signer", "host.pem",
            "-inkey", "host.key", "-outform", "DER", "-out", "signed.p7s")
        try openssl(
            "cms", "-encrypt", "-in", "signed.p7s", "-binary", "-aes-256-gcm", "-aes256-wrap", "-keyid", "-recip", "decryption.pem",
            "-keyopt", "ecdh_kdf_md:sha256", "-outform", "DER", "-out", "message.p7m")
        let opened = try Sealing.open(readFile("\(directory.path)/message.p7m"), with: test.keys.recipientKeys)
        #expect(opened.payload == Array("hello".utf8))
        #expect(opened.signer == test.host.certificate)
    }

    @Test func `openssl verifies certificates and requests`() throws {
        try write("request.der", CertificateRequest(key: test.hostKey, subjectName: "db1").der)
        try openssl("req", "-inform", "DER", "-in", "request.der", "-verify", "-noout")
        try openssl("verify", "-x509_strict", "-purpose", "any", "-CAfile", "ca.pem", "host.pem")
        try openssl("verify", "-x509_strict", "-purpose", "any", "-CAfile", "ca.pem", "decryption.pem")
    }
}
