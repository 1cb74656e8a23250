import Testing

@testable import Sealing

/// A message with any part changed is refused, with a reason and without a crash.
@Suite struct MutationTests {
    let keys: RecipientKeys
    let sealed: [UInt8]
    let signed: [UInt8]

    init() throws {
        keys = try Vectors.keys().recipientKeys
        sealed = try Vectors.bytes("message.p7m")
        signed = try Vectors.bytes("signed.p7s")
    }

    @Test func `each single byte of a sealed message matters`() {
        var opened: [Int] = []
        for index in sealed.indices {
            var altered = sealed
            altered[index] ^= 0x01
            do throws(SealingError) {
                _ = try Sealing.open(altered, with: keys)
                opened.append(index)
            } catch {}
        }
        #expect(opened.isEmpty)
    }

    @Test func `each single byte of a signed message matters, in its signature or its certificate's`() throws {
        let authority = try Vectors.keys().authority.certificate
        var believed: [Int] = []
        for index in signed.indices {
            var altered = signed
            altered[index] ^= 0x01
            do throws(SealingError) {
                if try Sealing.verify(altered).signer.fault(issuedBy: authority, role: .host, at: Vectors.now) == nil {
                    believed.append(index)
                }
            } catch {}
        }
        #expect(believed.isEmpty)
    }

    @Test func `a message that is cut anywhere is refused`() {
        for count in 0..<sealed.count {
            #expect(throws: SealingError.self, "\(count) bytes") { try Sealing.open(Array(sealed[..<count]), with: keys) }
        }
        for count in 0..<signed.count {
            #expect(throws: SealingError.self, "\(count) bytes") { try Sealing.verify(Array(signed[..<count])) }
        }
    }

    @Test func `nothing may stand behind a message`() {
        #expect(throws: SealingError.shape(offset: sealed.count, expected: "nothing more in the file")) {
            try Sealing.open(sealed + [0], with: keys)
        }
        #expect(throws: SealingError.shape(offset: signed.count, expected: "nothing more in the file")) {
            try Sealing.verify(signed + [0])
        }
    }

    @Test func `a message above the limit is not looked at`() {
        #expect(throws: SealingError.tooLarge(bytes: sealed.count, limit: 100)) { try Sealing.open(sealed, with: keys, limit: 100) }
        #expect("\(SealingError.tooLarge(bytes: 200, limit: 100))" == "200 bytes; at most 100 are opened")
    }

    static let lengths: [(bytes: [UInt8], expected: String)] = [
        ([], "a CMS message"),
        ([0x30], "a CMS message with a length"),
        ([0x30, 0x80, 0, 0], "a CMS message with a definite length of at most four bytes"),
        ([0x30, 0x85, 0, 0, 0, 0, 1, 0], "a CMS message with a definite length of at most four bytes"),
        ([0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF], "a CMS message that ends within what holds it"),
        ([0x30, 0x82, 1], "a CMS message with a definite length of at most four bytes"),
        ([0x30, 0x81, 0x05, 1, 2, 3, 4, 5], "a CMS message with its length in the shortest form"),
        ([0x30, 0x82, 0x00, 0x80] + [UInt8](repeating: 0, count: 128), "a CMS message with its length in the shortest form"),
        ([0x30, 0x02, 0x06, 0x7F], "authenticated-enveloped data"),
    ]

    @Test(arguments: lengths)
    func `lengths are bounded before anything is parsed`(bytes: [UInt8], expected: String) {
        #expect(throws: SealingError.shape(offset: bytes.count == 4 && bytes[1] == 2 ? 2 : 0, expected: expected)) {
            try Sealing.open(bytes, with: keys)
        }
    }
}
