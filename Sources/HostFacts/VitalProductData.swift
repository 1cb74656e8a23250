import Identifiers

/// The vital product data pages of a SCSI device (SPC-5 section 7.7), as sysfs hands them out: four bytes of header (peripheral, page code,
/// length in 16 bits), then the page.
package enum VitalProductData {
    /// Page 0x80: the unit's serial number, ASCII.
    package static func serialNumber(_ page: UnsafeRawBufferPointer) -> FactText.Parsed<String> {
        switch body(of: page, code: 0x80) {
        case .value(let text): FactText.string(text)
        case .nothing: .nothing
        case .malformed(let reason): .malformed(reason)
        }
    }

    /// Page 0x83: the best designator of the logical unit, spelled as the kernel's `wwid` attribute does.
    ///
    /// A designator: code set (low 4 bits of byte 0), association (bits 4 and 5 of byte 1) and type (low 4 bits of byte 1), length (byte
    /// 3), then its bytes. Only those of the logical unit (association 0) count, and of them those that are as `WWID.isDesignator` wants them: a
    /// vendor's name alone is none. The order of trust: NAA with a vendor's extension, NAA registered, NAA extended, EUI-64, a locally assigned UUID, a SCSI name string, NAA locally assigned, T10 vendor ID. What IEEE has given out a part
    /// of comes before what a vendor calls itself; udev, multipath and so everything that names disks by links choose alike.
    package static func deviceIdentification(_ page: UnsafeRawBufferPointer) -> FactText.Parsed<WWID> {
        let designators: UnsafeRawBufferPointer
        switch body(of: page, code: 0x83) {
        case .value(let bytes): designators = bytes
        case .nothing: return .nothing
        case .malformed(let reason): return .malformed(reason)
        }
        var best: (rank: Int, wwid: WWID)?
        var offset = 0
        while offset < designators.count {
            guard offset + 4 <= designators.count, offset + 4 + Int(designators[offset + 3]) <= designators.count else {
                return .malformed("a designator that is longer than its page, at byte \(offset + 4)")
            }
            let length = Int(designators[offset + 3])
            let value = UnsafeRawBufferPointer(rebasing: designators[offset + 4..<offset + 4 + length])
            if designators[offset + 1] & 0x30 == 0, let (rank, text) = ranked(type: designators[offset + 1] & 0x0F, value),
                rank > best?.rank ?? 0, let wwid = FactText.designator(text)
            {
                best = (rank, wwid)
            }
            offset += 4 + length
        }
        return best.map { .value($0.wwid) } ?? .nothing
    }

    private static func body(of page: UnsafeRawBufferPointer, code: UInt8) -> FactText.Parsed<UnsafeRawBufferPointer> {
        if page.isEmpty { return .nothing }
        guard page.count >= 4 else { return .malformed("a page of \(page.count) bytes; its header has 4") }
        guard page[1] == code else { return .malformed("page 0x\(String(page[1], radix: 16)) in place of 0x\(String(code, radix: 16))") }
        let length = Int(page[2]) << 8 | Int(page[3])
        guard page.count >= 4 + length else { return .malformed("a page of \(page.count) bytes that says it has \(4 + length)") }
        return length == 0 ? .nothing : .value(UnsafeRawBufferPointer(rebasing: page[4..<4 + length]))
    }

    private static func ranked(type: UInt8, _ value: UnsafeRawBufferPointer) -> (Int, String)? {
        guard let first = value.first else { return nil }
        switch (type, value.count) {
        case (3, 16) where first >> 4 == 6: return (10, "naa." + hexadecimal(value))
        case (3, 8) where first >> 4 == 5: return (9, "naa." + hexadecimal(value))
        case (3, 8) where first >> 4 == 2: return (8, "naa." + hexadecimal(value))
        case (2, 16): return (7, "eui." + hexadecimal(value))
        case (2, 12): return (6, "eui." + hexadecimal(value))
        case (2, 8): return (5, "eui." + hexadecimal(value))
        case (10, 18) where first >> 4 == 1: return (4, "uuid." + uuid(value.dropFirst(2)))
        case (8, _): return text(value).flatMap { isSCSIName($0) ? (3, $0) : nil }
        case (3, 8) where first >> 4 == 3: return (2, "naa." + hexadecimal(value))
        case (1, _): return text(value).map { (1, "t10." + $0) }
        default: return nil
        }
    }

    private static func text(_ value: UnsafeRawBufferPointer) -> String? { FactText.valid(value) }

    /// SPC-5, 7.7.6.11
    private static func isSCSIName(_ text: String) -> Bool { ["eui.", "naa.", "iqn."].contains { text.lowercased().hasPrefix($0) } }

    /// RFC 4122's 16 bytes in its text form.
    private static func uuid(_ value: Slice<UnsafeRawBufferPointer>) -> String {
        let digits = Array(hexadecimal(UnsafeRawBufferPointer(rebasing: value)).utf8)
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(decoding: digits[$0], as: UTF8.self) }.joined(separator: "-")
    }

    /// Whether no designator can be more trusted: NAA, but for those that are assigned locally.
    static func isBest(_ wwid: WWID) -> Bool {
        let text = wwid.description.utf8
        guard wwid.description.hasPrefix("naa."), let digit = text.dropFirst(4).first else { return false }
        return digit == UInt8(ascii: "6") || digit == UInt8(ascii: "5") || digit == UInt8(ascii: "2")
    }

    private static func hexadecimal(_ value: UnsafeRawBufferPointer) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: value.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
