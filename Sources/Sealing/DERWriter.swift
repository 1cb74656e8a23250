import Identifiers

/// Elements of DER, from the inside out.
enum DER {
    static func element(_ tag: UInt8, _ contents: [UInt8]) -> [UInt8] {
        var bytes = [tag]
        bytes.reserveCapacity(contents.count + 6)
        let count = contents.count
        switch count {
        case ..<0x80: bytes.append(UInt8(count))
        case ..<0x100: bytes += [0x81, UInt8(count)]
        case ..<0x1_0000: bytes += [0x82, UInt8(count >> 8), UInt8(count & 0xFF)]
        case ..<0x100_0000: bytes += [0x83, UInt8(count >> 16), UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF)]
        default: bytes += [0x84, UInt8(count >> 24 & 0xFF), UInt8(count >> 16 & 0xFF), UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF)]
        }
        bytes.append(contentsOf: contents)
        return bytes
    }

    /// One copy of each, whatever the build's optimisation.
    static func joined(_ elements: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(elements.reduce(0) { $0 + $1.count })
        for element in elements { bytes.append(contentsOf: element) }
        return bytes
    }

    static func sequence(_ elements: [UInt8]...) -> [UInt8] { element(DERTag.sequence, joined(elements)) }
    static func set(_ elements: [UInt8]...) -> [UInt8] { element(DERTag.set, joined(elements)) }
    static func objectIdentifier(_ encoded: [UInt8]) -> [UInt8] { element(DERTag.objectIdentifier, encoded) }
    static func octetString(_ contents: [UInt8]) -> [UInt8] { element(DERTag.octetString, contents) }
    static func bitString(_ contents: [UInt8], unused: UInt8 = 0) -> [UInt8] { element(DERTag.bitString, [unused] + contents) }
    static func utf8String(_ text: String) -> [UInt8] { element(DERTag.utf8String, Array(text.utf8)) }

    /// A positive integer from its bytes, the highest first.
    static func integer(_ magnitude: [UInt8]) -> [UInt8] {
        var digits = Array(magnitude.drop { $0 == 0 })
        if digits.first.map({ $0 >= 0x80 }) ?? true { digits.insert(0, at: 0) }
        return element(DERTag.integer, digits)
    }

    /// UTCTime to 2049, GeneralizedTime after (RFC 5280, 4.1.2.5); whole seconds.
    static func time(_ time: Timestamp) -> [UInt8] {
        let text = Timestamp(seconds: time.microseconds / 1_000_000).description
        let digits = text.utf8.filter { (0x30...0x39).contains($0) } + [UInt8(ascii: "Z")]
        return text < "2050" ? element(DERTag.utcTime, Array(digits.dropFirst(2))) : element(DERTag.generalizedTime, digits)
    }
}
