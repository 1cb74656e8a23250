import Files
import Glibc
import Identifiers
import PadSimulation
import Sealing
import StrictJSON
import Testing

@testable import ScratchPad

@Suite struct HeaderTests {
    let test: TestKeys
    let header: PadHeader
    var now: Timestamp { test.now }

    init() throws {
        test = try TestKeys()
        header = try PadHeader(
            padID: #require(PadID("pad-1")), controllerID: #require(ControllerID("controller-1")), generation: 5, epoch: 3,
            issuedAt: test.now, lifetime: .seconds(3600), interval: .milliseconds(1500), keys: test.keys)
    }

    func known(generation: Int64 = 5, epoch: Int64 = 3, pad: String = "pad-1") throws -> KnownPad {
        KnownPad(padID: try #require(PadID(pad)), controller: test.keys.fingerprint, generation: generation, epoch: epoch)
    }

    func verify(_ header: PadHeader? = nil, known: KnownPad? = nil, at: Timestamp? = nil) throws -> VerifiedHeader {
        try VerifiedHeader(
            (header ?? self.header).signed(by: test.keys), trust: .pinned(test.keys.fingerprint), known: known, now: at ?? now)
    }

    @Test func `a header is believed by its pinned authority, and remembered`() throws {
        let verified = try verify()
        #expect(verified.header == header)
        #expect(verified.authority == test.keys.authority.certificate)
        #expect(verified.decryption == test.keys.decryption.certificate)
        #expect(try verified.known == known())
        #expect(try verify(known: known()).header == header)
        #expect(try verify(known: known(generation: 4, epoch: 2)).header == header)
    }

    @Test func `an old or foreign header is not believed, and said why`() throws {
        #expect(throws: PadHeaderFault.lowerGeneration(known: 6, found: 5)) { try verify(known: known(generation: 6)) }
        #expect(throws: PadHeaderFault.lowerEpoch(known: 4, found: 3)) { try verify(known: known(epoch: 4)) }
        #expect(throws: PadHeaderFault.expired(at: header.ends)) { try verify(at: header.ends + .seconds(1)) }
        let pads = (expected: try #require(PadID("pad-2")), found: header.padID)
        #expect(throws: PadHeaderFault.otherPad(expected: pads.expected, found: pads.found)) { try verify(known: known(pad: "pad-2")) }
        #expect("\(PadHeaderFault.lowerGeneration(known: 6, found: 5))".contains("an old header was put back"))
        #expect("\(PadHeaderFault.expired(at: now))".contains("quartermaster pad repair"))
    }

    @Test func `another controller's header is not believed, whatever it says of itself`() throws {
        let other = try TestKeys()
        let signed = try header.signed(by: other.keys)
        let fault = PadHeaderFault.otherController(expected: test.keys.fingerprint, found: other.keys.fingerprint)
        #expect(throws: fault) { try VerifiedHeader(signed, trust: .pinned(test.keys.fingerprint), known: nil, now: now) }
        #expect(throws: fault) { try VerifiedHeader(signed, trust: .onFirstUse, known: known(), now: now) }
        // Its signature is good, but the leaves that it names are ours, not its own.
        #expect(throws: PadHeaderFault.certificate(.wrongIssuer)) {
            try VerifiedHeader(signed, trust: .onFirstUse, known: nil, now: now)
        }
    }

    @Test func `a header signed with a host's certificate is refused`() throws {
        let host = try Signer(key: test.hostKey, certificate: test.host.certificate, chain: [test.keys.authority.certificate])
        let signed = try Sealing.sign(header.jsonBytes, signer: host)
        #expect(throws: PadHeaderFault.certificate(.wrongRole(expected: .controllerSigning, found: .host))) {
            try VerifiedHeader(signed, trust: .pinned(test.keys.fingerprint), known: nil, now: now)
        }
    }

    @Test func `a header signed with the decryption leaf, the authority itself or without it is refused`() throws {
        let authority = test.keys.authority.certificate
        let decryption = try Signer(key: test.keys.decryption.key, certificate: test.keys.decryption.certificate, chain: [authority])
        #expect(throws: PadHeaderFault.certificate(.wrongRole(expected: .controllerSigning, found: .controllerDecryption))) {
            try VerifiedHeader(Sealing.sign(header.jsonBytes, signer: decryption), trust: .onFirstUse, known: nil, now: now)
        }
        let itself = try Signer(key: test.keys.authority.key, certificate: authority, chain: [test.keys.signing.certificate])
        #expect(throws: PadHeaderFault.certificate(.wrongRole(expected: .controllerSigning, found: nil))) {
            try VerifiedHeader(Sealing.sign(header.jsonBytes, signer: itself), trust: .onFirstUse, known: nil, now: now)
        }
        #expect(throws: PadHeaderFault.self) {
            try VerifiedHeader(Sealing.sign(header.jsonBytes, signer: test.keys.signer), trust: .onFirstUse, known: nil, now: now)
        }
    }

    @Test func `a leaf of another role in the header is refused`() throws {
        var header = header
        header.decryptionCertificate = test.host.certificate.der
        #expect(throws: PadHeaderFault.certificate(.wrongRole(expected: .controllerDecryption, found: .host))) { try verify(header) }
    }

    @Test func `a clock an hour off does not matter`() throws {
        var header = header
        header.ends = now + .seconds(86_400)
        #expect(try verify(header, at: now - .seconds(3600)).header == header)
        #expect(try verify(header, at: now + .seconds(3600)).header == header)
    }

    static let malformed: [(from: String, to: String, reason: String)] = [
        ("\"quartermaster-pad/1\"", "\"quartermaster-pad/2\"", "update the agent"),
        ("\"padID\":\"pad-1\"", "\"padID\":\"a b\"", "padID is not an ID"),
        ("\"generation\":5", "\"generation\":0", "generation is not within 1 to 9223372036854775807"),
        ("\"epoch\":3", "\"epoch\":\"3\"", "epoch is not an integer"),
        ("\"epoch\":3,", "", "epoch is missing"),
        ("\"epoch\":3", "\"epoch\":3,\"epoch\":4", "given twice"),
        ("\"intervalMilliseconds\":1500", "\"intervalMilliseconds\":1", "intervalMilliseconds is not within 10 to 86400000"),
        ("\"limits\":{", "\"limits\":[],\"x\":{", "limits is not an object"),
    ]

    @Test(arguments: malformed)
    func `a malformed header is refused with the member that is wrong`(from: String, to: String, reason: String) throws {
        let text = header.jsonText.replacing(from, with: to)
        let signed = try Sealing.sign(Array(text.utf8), signer: test.keys.headerSigner)
        #expect {
            try VerifiedHeader(signed, trust: .onFirstUse, known: nil, now: now)
        } throws: { error in
            #expect("\(error)".contains(reason))
            return true
        }
    }

    @Test func `unknown members of a header are ignored`() throws {
        let text = header.jsonText.replacing("\"epoch\":3", with: "\"epoch\":3,\"later\":{\"a\":[1]}")
        let signed = try Sealing.sign(Array(text.utf8), signer: test.keys.headerSigner)
        #expect(try VerifiedHeader(signed, trust: .onFirstUse, known: nil, now: now).header == header)
    }
}

/// The header of the vectors: Vectors/pad.p7s, its contents in Vectors/pad.json, signed with the keys of Tests/SealingTests/Vectors.
@Suite(.serialized) struct HeaderVectorTests {
    static let directory = #filePath[..<(#filePath.lastIndex(of: "/") ?? #filePath.endIndex)]
    static let now = Timestamp(seconds: 1_795_246_200)

    static func keys() throws -> ControllerKeys {
        let keys = "\(directory)/../SealingTests/Vectors"
        func leaf(_ name: String) throws -> Leaf {
            let pem = try readFile("\(keys)/\(name).pem")
            return Leaf(key: try PrivateKey(pem: pem), certificate: try Certificate(pem: pem))
        }
        let authority = try CertificateAuthority(
            key: PrivateKey(pem: readFile("\(keys)/ca.key")), certificate: Certificate(pem: readFile("\(keys)/ca.pem")))
        return try ControllerKeys(authority: authority, signing: leaf("signing"), decryption: leaf("decryption"), previous: [])
    }

    @Test(.enabled(if: getenv("UPDATE_VECTORS") != nil, "by design: UPDATE_VECTORS=1 records them")) func `vectors are made anew`() throws {
        let keys = try Self.keys()
        let header = try PadHeader(
            padID: #require(PadID("pad-bvynjx5cwsxo7olmtx6q4qd4ue")),
            controllerID: #require(ControllerID("controller-r5vdgq6bvrqdgd5hlcxwqbk3mi")), generation: 2, epoch: 1,
            issuedAt: Self.now, lifetime: .seconds(19 * 365 * 86_400), interval: .seconds(1), keys: keys)
        try makeDirectories("\(Self.directory)/Vectors", mode: 0o755)
        try replaceFile("\(Self.directory)/Vectors/pad.json", with: header.jsonBytes + [0x0A], mode: 0o644)
        try replaceFile("\(Self.directory)/Vectors/pad.p7s", with: header.signed(by: keys), mode: 0o644)
    }

    @Test func `the header of the vectors is believed, and says what the text says`() throws {
        let verified = try VerifiedHeader(
            readFile("\(Self.directory)/Vectors/pad.p7s"), trust: .pinned(Self.keys().fingerprint), known: nil, now: Self.now)
        #expect(try verified.header.jsonBytes + [0x0A] == readFile("\(Self.directory)/Vectors/pad.json"))
        #expect(verified.header.generation == 2)
    }
}
