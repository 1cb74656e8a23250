import Testing

@testable import Sealing

@Suite struct PasswordTests {
    @Test func `a password is verified against its hash and no other`() throws {
        let hash = try Scrypt.hash(Array("right".utf8), parameters: .weak)
        #expect(hash.hasPrefix("$scrypt$ln=4,r=8,p=1$"))
        #expect(try Scrypt.verify(Array("right".utf8), against: hash))
        #expect(try !Scrypt.verify(Array("wrong".utf8), against: hash))
        #expect(try !Scrypt.verify([], against: hash))
        #expect(try Scrypt.hash(Array("right".utf8), parameters: .weak) != hash)
        #expect(Scrypt.parameters(of: hash) == .weak)
    }

    @Test func `the empty password has a hash like any other`() throws {
        let hash = try Scrypt.hash([], parameters: .weak)
        #expect(try Scrypt.verify([], against: hash))
        #expect(try !Scrypt.verify([1], against: hash))
    }

    @Test func `the standard's own vector comes out`() throws {
        // RFC 7914, 12: scrypt("password", "NaCl", 1024, 8, 16, 64); its first 32 bytes.
        let parameters = try #require(Scrypt.Parameters(logarithm: 10, blockSize: 8, parallelization: 16))
        let expected: [UInt8] = [
            0xFD, 0xBA, 0xBE, 0x1C, 0x9D, 0x34, 0x72, 0x00, 0x78, 0x56, 0xE7, 0x19, 0x0D, 0x01, 0xE9, 0xFE,
            0x7C, 0x6A, 0xD7, 0xCB, 0xC8, 0x23, 0x78, 0x30, 0xE7, 0x73, 0x76, 0x63, 0x4B, 0x37, 0x31, 0x62,
        ]
        #expect(try Scrypt.derive(Array("password".utf8), salt: Array("NaCl".utf8), parameters) == expected)
    }

    @Test func `nobody has the dummy's password, and it costs the same`() throws {
        let dummy = Scrypt.dummy(parameters: .weak)
        #expect(Scrypt.parameters(of: dummy) == .weak)
        #expect(try !Scrypt.verify(Array("anything".utf8), against: dummy))
        #expect(Scrypt.parameters(of: Scrypt.dummy()) == .standard)
    }

    @Test(arguments: [
        "", "$scrypt$", "$scrypt$ln=4,r=8,p=1$AAAA$AAAA", "$scrypt$ln=40,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$x",
        "$scrypt$ln=4,r=8$AAAAAAAAAAAAAAAAAAAAAA$x", "$argon2id$v=19$m=65536$AAAAAAAAAAA$AAAAAAAAAAA",
        "$scrypt$ln=-1,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ])
    func `what is no hash is an error, not a wrong password`(text: String) {
        #expect(throws: SealingError.self) { try Scrypt.verify([1], against: text) }
    }

    @Test func `digests and their keyed form have the standards' values`() {
        #expect(
            Fingerprints.hexadecimal(SHA256.digest(Array("abc".utf8)))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        // RFC 4231, test case 2.
        #expect(
            Fingerprints.hexadecimal(HMAC.sha256(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8)))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(Secrets.equal([1, 2], [1, 2]) && !Secrets.equal([1, 2], [1, 3]) && !Secrets.equal([1], [1, 2]))
        #expect(Secrets.random(32) != Secrets.random(32))
    }
}

private enum Fingerprints {
    static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
