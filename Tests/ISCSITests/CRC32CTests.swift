import ISCSI
import Testing

/// The examples of RFC 3720 appendix B.4.
@Suite struct CRC32CTests {
    @Test(
        arguments: [
            ([UInt8](repeating: 0, count: 32), [0xAA, 0x36, 0x91, 0x8A]), ([UInt8](repeating: 0xFF, count: 32), [0x43, 0xAB, 0xA8, 0x62]),
            (Array(0..<32), [0x4E, 0x79, 0xDD, 0x46]), ((0..<32).reversed(), [0x5C, 0xDB, 0x3F, 0x11]),
            (
                [
                    0x01, 0xC0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0, 0, 0, 0, 0x14, 0, 0, 0, 0x18, 0x28,
                    0, 0, 0, 0, 0,
                    0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0,
                ], [0x56, 0x3A, 0x96, 0xD9]
            ), ([], [0, 0, 0, 0]),
        ] as [([UInt8], [UInt8])])
    func digestsAreThoseOfTheStandard(bytes: [UInt8], digest: [UInt8]) {
        #expect(CRC32C.digest(bytes) == digest)
    }

    @Test func theCheckValueOfTheAlgorithmComesOut() {
        #expect(CRC32C.checksum("123456789".utf8) == 0xE306_9283)
    }
}
