import Identifiers

extension DERReader {
    /// A Name of one common name, at most 200 bytes of printable text.
    ///
    ///     SEQUENCE { SET { SEQUENCE { 2.5.4.3, UTF8String or PrintableString } } }
    mutating func commonName(_ what: StaticString) throws(SealingError) -> String {
        let start = position
        var name = try enter(DERTag.sequence, what)
        var set = try name.enter(DERTag.set, what)
        try name.finish("a name of one part")
        var pair = try set.enter(DERTag.sequence, what)
        try set.finish("a name of one part")
        try pair.expect(DER.objectIdentifier(OID.commonName), "a common name")
        let tag = pair.next == DERTag.printableString ? DERTag.printableString : DERTag.utf8String
        let text = try pair.read(tag, "a common name in UTF-8")
        try pair.finish("a common name")
        guard (1...200).contains(text.count), bytes[text].allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw .shape(offset: start, expected: "a common name of 1 to 200 printable characters")
        }
        return String(decoding: bytes[text], as: UTF8.self)
    }

    /// A UTCTime (years 1950 to 2049) or GeneralizedTime, in UTC, with seconds and no fraction (RFC 5280, 4.1.2.5).
    mutating func time(_ what: StaticString) throws(SealingError) -> Timestamp {
        let start = position
        let isShort = next == DERTag.utcTime
        let text = try read(isShort ? DERTag.utcTime : DERTag.generalizedTime, what)
        let characters = Array(bytes[text])
        guard characters.count == (isShort ? 13 : 15), characters.last == UInt8(ascii: "Z"),
            characters.dropLast().allSatisfy({ (0x30...0x39).contains($0) })
        else { throw .shape(offset: start, expected: "\(what) in UTC") }
        var digits = Substring(String(decoding: characters.dropLast(), as: UTF8.self))
        if isShort { digits = (digits < "50" ? "20" : "19") + digits }
        let parts = [4, 2, 2, 2, 2, 2].map { count in
            defer { digits = digits.dropFirst(count) }
            return digits.prefix(count)
        }
        guard let time = Timestamp("\(parts[0])-\(parts[1])-\(parts[2])T\(parts[3]):\(parts[4]):\(parts[5])Z") else {
            throw .shape(offset: start, expected: "\(what) from 1970 on")
        }
        return time
    }
}
