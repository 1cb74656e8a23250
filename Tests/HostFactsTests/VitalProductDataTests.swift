import Identifiers
import Testing

@testable import HostFacts

@Suite struct VitalProductDataTests {
    private func page(_ designators: [UInt8], code: UInt8 = 0x83) -> [UInt8] {
        [0, code, UInt8(designators.count >> 8), UInt8(designators.count & 0xFF)] + designators
    }
    private let naa6: [UInt8] = [1, 3, 0, 16, 0x60, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
    private let naa5: [UInt8] = [1, 3, 0, 8, 0x50, 0, 0xC5, 0, 1, 2, 3, 4]
    private let t10: [UInt8] = [2, 1, 0, 12] + Array("IET     0001".utf8)

    private func wwid(_ page: [UInt8]) -> String {
        page.withUnsafeBytes { bytes in
            switch VitalProductData.deviceIdentification(bytes) {
            case .value(let wwid): wwid.description
            case .nothing: "nothing"
            case .malformed(let reason): reason
            }
        }
    }

    @Test func theLongestDesignatorOfTheLogicalUnitWins() {
        #expect(wwid(page(t10 + naa5 + naa6)) == "naa.60010203040506070809" + "0a0b0c0d0e0f")
        #expect(wwid(page(naa6 + naa5)) == "naa.600102030405060708090a0b0c0d0e0f")
        #expect(wwid(page(t10 + naa5)) == "naa.5000c50001020304")
        #expect(wwid(page(t10)) == "t10.IET     0001")
        #expect(wwid(page([1, 2, 0, 8, 0, 0x25, 0x38, 1, 2, 3, 4, 5])) == "eui.0025380102030405")
        #expect(wwid(page([3, 8, 0, 20] + Array("naa.5001020304050607".utf8))) == "naa.5001020304050607")
        #expect(wwid(page([3, 8, 0, 20] + Array("naa.6001020304050607".utf8))) == "nothing", "six has 32 digits")
    }

    /// A vendor's name alone, or a number of zeros, would make one volume of all units of such firmware.
    @Test(
        arguments: [
            (1, Array("LIO-ORG ".utf8)), (1, Array("ABC".utf8)), (1, Array("LIO-ORG         ".utf8)), (8, Array("x".utf8)),
            (8, Array("iqn.".utf8)), (8, Array("nvme.1234-5678".utf8)), (3, [0x60] + [UInt8](repeating: 0, count: 15)),
            (3, [0x50] + [UInt8](repeating: 0, count: 7)), (2, [UInt8](repeating: 0, count: 8)),
            (10, [0x10, 0] + [UInt8](repeating: 0, count: 16)),
        ] as [(UInt8, [UInt8])])
    func whatNamesNoUnitIsNoDesignator(type: UInt8, value: [UInt8]) {
        let designator = [type == 1 || type == 8 ? 2 : 1, type, 0, UInt8(value.count)] + value
        #expect(wwid(page(designator)) == "nothing")
        #expect(wwid(page(designator + t10)) == "t10.IET     0001", "the next best")
    }

    @Test func designatorsOfPortsAndTargetsDoNotCount() {
        #expect(wwid(page([1, 0x13, 0, 8, 0x50, 0, 0xC5, 0, 1, 2, 3, 4])) == "nothing")
        #expect(wwid(page([1, 0x93, 0, 8, 0x50, 0, 0xC5, 0, 1, 2, 3, 4] + t10)) == "t10.IET     0001")
    }

    @Test(
        arguments: [
            ([], "nothing"), ([0, 0x83, 0, 0], "nothing"), ([0, 0x83], "a page of 2 bytes; its header has 4"),
            ([0, 0x80, 0, 0], "page 0x80 in place of 0x83"), ([0, 0x83, 0xFF, 0xFF, 1], "a page of 5 bytes that says it has 65539"),
            ([0, 0x83, 0, 4, 1, 3, 0, 16], "a designator that is longer than its page, at byte 4"),
            ([0, 0x83, 0, 2, 1, 3], "a designator that is longer than its page, at byte 4"), ([0, 0x83, 0, 4, 1, 3, 0, 0], "nothing"),
            ([0, 0x83, 0, 5, 2, 8, 0, 1, 0xFF], "nothing"), ([0, 0x83, 0, 5, 1, 9, 0, 1, 1], "nothing"),
        ] as [([UInt8], String)])
    func malformedPagesAreToldApart(page: [UInt8], outcome: String) { #expect(wwid(page) == outcome) }
}
