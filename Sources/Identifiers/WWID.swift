/// The worldwide identity of a logical unit, as the kernel's `wwid` attribute spells it: `naa.6…`, `eui.…`, `t10.…`, `uuid.…`, `nvme.…`.
///
/// Compared by content: `naa.` and `eui.` values ignore case, and `0x` and separators inside them; udev's leading type digit
/// (`3600…` for NAA, `2…` for EUI) is turned into its prefix.
package struct WWID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let description: String

    /// Nil for an empty text, one of more than 512 bytes, or one with control characters.
    package init?(_ text: String) {
        var text = text
        guard let canonical = text.withUTF8({ Self.canonical($0) }) else { return nil }
        description = canonical
    }

    package static func < (left: Self, right: Self) -> Bool { left.description < right.description }

    /// Bytes throughout: a host has tens of thousands of these.
    private static func canonical(_ text: UnsafeBufferPointer<UInt8>) -> String? {
        var (start, end) = (0, text.count)
        while end > start, isSpace(text[end - 1]) || text[end - 1] == 0 { end -= 1 }
        while start < end, isSpace(text[start]) { start += 1 }
        let trimmed = UnsafeBufferPointer(rebasing: text[start..<end])
        guard (1...512).contains(trimmed.count), trimmed.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        if hasPrefix(trimmed, "naa.") || hasPrefix(trimmed, "eui.") || hasPrefix(trimmed, "uuid.") { return lowered("", trimmed) }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: trimmed.count) { digits in
            guard let count = hexadecimal(trimmed, into: digits) else { return String(decoding: trimmed, as: UTF8.self) }
            let all = UnsafeBufferPointer(rebasing: digits[..<count])
            let rest = UnsafeBufferPointer(rebasing: all.dropFirst())
            switch (count, all.first) {
            case (33, UInt8(ascii: "3")), (17, UInt8(ascii: "3")): return lowered("naa.", rest)
            case (17, UInt8(ascii: "2")), (25, UInt8(ascii: "2")), (33, UInt8(ascii: "2")): return lowered("eui.", rest)
            case (16, UInt8(ascii: "2")), (16, UInt8(ascii: "3")), (16, UInt8(ascii: "5")), (32, UInt8(ascii: "6")):
                return lowered("naa.", all)
            default: return String(decoding: trimmed, as: UTF8.self)
            }
        }
    }

    /// Copies the digits without `0x` and separators; nil where there is anything else, or no digit.
    private static func hexadecimal(_ text: UnsafeBufferPointer<UInt8>, into digits: UnsafeMutableBufferPointer<UInt8>) -> Int? {
        var count = 0
        for byte in text.dropFirst(hasPrefix(text, "0x") ? 2 : 0) where byte != UInt8(ascii: ":") && byte != UInt8(ascii: "-") {
            guard byte.isHexadecimalDigit else { return nil }
            digits[count] = byte
            count += 1
        }
        return count == 0 ? nil : count
    }

    private static func lowered(_ prefix: StaticString, _ text: UnsafeBufferPointer<UInt8>) -> String {
        String(unsafeUninitializedCapacity: prefix.utf8CodeUnitCount + text.count) { result in
            var count = 0
            for byte in UnsafeBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount) {
                result[count] = byte
                count += 1
            }
            for byte in text {
                result[count] = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
                count += 1
            }
            return count
        }
    }

    /// In either case; `prefix` is lower case.
    private static func hasPrefix(_ text: UnsafeBufferPointer<UInt8>, _ prefix: StaticString) -> Bool {
        guard text.count >= prefix.utf8CodeUnitCount else { return false }
        for index in 0..<prefix.utf8CodeUnitCount {
            let byte = text[index]
            let folded = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
            if folded != prefix.utf8Start[index] { return false }
        }
        return true
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
