import Files
import Glibc
import Identifiers
import PadSimulation
import Testing

@testable import Sealing

@Suite struct ControllerKeysTests {
    let directory: TemporaryDirectory
    let now = Timestamp(seconds: 1_795_246_200)
    var path: String { "\(directory.path)/keys" }

    init() throws { directory = try TemporaryDirectory() }

    func create() throws -> ControllerKeys { try ControllerKeys.create(in: path, name: "controller-1", now: now) }

    @Test func `keys are made, loaded, and not made twice`() throws {
        let made = try create()
        let loaded = try ControllerKeys.load(from: path)
        #expect(loaded.fingerprint == made.fingerprint)
        #expect(loaded.signing.certificate == made.signing.certificate)
        #expect(loaded.signing.certificate.role == .controllerSigning)
        #expect(loaded.decryption.certificate.role == .controllerDecryption)
        #expect(throws: ControllerKeysError.exists(path: path)) { try create() }
    }

    @Test func `files are for their owner alone, and wider ones are not used`() throws {
        _ = try create()
        for name in ["ca.key", "ca.pem", "signing.pem", "decryption.pem"] {
            var status = stat()
            #expect(stat("\(path)/\(name)", &status) == 0)
            #expect(status.st_mode & 0o7777 == 0o600)
        }
        chmod("\(path)/ca.key", 0o640)
        #expect(throws: ControllerKeysError.file(.tooOpen(path: "\(path)/ca.key", mode: S_IFREG | 0o640))) {
            try ControllerKeys.load(from: path)
        }
    }

    @Test(arguments: ["ca.key", "ca.pem", "signing.pem", "decryption.pem"])
    func `a creation that was interrupted is finished by the next`(stop: String) throws {
        let first = try create()
        let names = ["ca.key", "ca.pem", "signing.pem", "decryption.pem"]
        for name in names.drop(while: { $0 != stop }) { unlink("\(path)/\(name)") }
        #expect(throws: ControllerKeysError.incomplete(path: path, missing: Array(names.drop { $0 != stop }))) {
            try ControllerKeys.load(from: path)
        }
        let second = try create()
        if stop != "ca.key" { #expect(second.fingerprint == first.fingerprint) }
        let host = try PrivateKey.generate()
        let signer = try Signer(
            key: host, certificate: CertificateAuthority.selfSigned(key: host, subjectName: "h", now: now, lifetime: .seconds(60)))
        let sealed = try Sealing.seal([1], signer: signer, recipient: second.decryption.certificate)
        #expect(try Sealing.open(sealed, with: second.recipientKeys).payload == [1])
    }

    @Test func `messages sealed before a rotation are opened after it, and after ten more`() throws {
        let test = try TestKeys()
        let before = try create()
        let sealed = try Sealing.seal([1], signer: test.host, recipient: before.decryption.certificate)
        var keys = before
        for day in 1...11 as ClosedRange<Int> { keys = try ControllerKeys.rotate(in: path, now: now + .seconds(day * 86_400)) }
        #expect(keys.fingerprint == before.fingerprint)
        #expect(keys.decryption.certificate != before.decryption.certificate)
        #expect(keys.signing.certificate != before.signing.certificate)
        #expect(keys.previous.count == 11)
        #expect(try Sealing.open(sealed, with: keys.recipientKeys).payload == [1])
        #expect(try Sealing.open(sealed, with: ControllerKeys.load(from: path).recipientKeys).payload == [1])
    }

    @Test func `the oldest of many previous keys go`() throws {
        var keys = try create()
        for day in 1...(ControllerKeys.maximumPrevious + 3) {
            keys = try ControllerKeys.rotate(in: path, now: now + .seconds(day * 86_400))
        }
        #expect(keys.previous.count == ControllerKeys.maximumPrevious)
    }

    @Test func `a rotation that stopped after it kept the old key changes nothing`() throws {
        let before = try create()
        // What rotate does first.
        try makeDirectories("\(path)/previous")
        try replaceFile(
            "\(path)/previous/\(before.decryption.certificate.fingerprint.hexadecimal).pem",
            with: readFile("\(path)/decryption.pem"))
        try replaceFile("\(path)/previous/.left.tmp", with: [1])
        let keys = try ControllerKeys.load(from: path)
        #expect(keys.decryption.certificate == before.decryption.certificate)
        #expect(keys.previous.isEmpty)
        #expect(try ControllerKeys.rotate(in: path, now: now + .seconds(86_400)).previous.count == 1)
        #expect(access("\(path)/previous/.left.tmp", F_OK) != 0)
    }

    @Test func `a file that is damaged is named, with what to do`() throws {
        _ = try create()
        try replaceFile("\(path)/signing.pem", with: Array("nothing".utf8))
        #expect {
            try ControllerKeys.load(from: path)
        } throws: { error in
            "\(error)".hasPrefix("\(path)/signing.pem cannot be used: the key cannot be used")
                && "\(error)".hasSuffix("restore it from a backup")
        }
    }
}
