extension WWID {
    /// Whether the text has the form that its prefix promises (SPC-5 section 7.7.6; the kernel's scsi_lib.c and nvme's `wwid`): firmware that says `naa.`
    /// and no more, or a number of zeros, would make one volume of two. What has no such prefix is a name of the maker's, and may be any text.
    package var isDesignator: Bool {
        let text = Array(description.utf8)
        guard let dot = text.firstIndex(of: UInt8(ascii: ".")) else { return true }
        let value = text[(dot + 1)...]
        switch String(decoding: text[..<dot], as: UTF8.self) {
        case "naa":
            return value.allSatisfy(\.isHexadecimalDigit) && Self.digits(ofNAA: value.first) == value.count
                && Self.saysSomething(value.dropFirst())
        case "eui": return value.allSatisfy(\.isHexadecimalDigit) && [16, 24, 32].contains(value.count) && Self.saysSomething(value)
        case "uuid": return Self.isUUID(value) && Self.saysSomething(value)
        // Eight bytes of the vendor's name, then what it calls the unit.
        case "t10": return value.count > 8
        case "iqn", "nvme", "scsi": return !value.isEmpty
        default: return true
        }
    }

    /// Firmware that was never given a number says zeros.
    private static func saysSomething(_ digits: ArraySlice<UInt8>) -> Bool {
        digits.contains { $0 != UInt8(ascii: "0") && $0 != UInt8(ascii: "-") }
    }

    /// Of an NAA identifier, by its first digit; nil for those that are reserved.
    private static func digits(ofNAA first: UInt8?) -> Int? {
        switch first {
        case UInt8(ascii: "2"), UInt8(ascii: "3"), UInt8(ascii: "5"): 16
        case UInt8(ascii: "6"): 32
        default: nil
        }
    }

    private static func isUUID(_ text: ArraySlice<UInt8>) -> Bool {
        let groups = text.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return groups.map(\.count) == [8, 4, 4, 4, 12] && groups.allSatisfy { $0.allSatisfy(\.isHexadecimalDigit) }
    }
}
