/// Reads definite-length DER, one element after another, inside bounds that only shrink. Nothing is copied and nothing recurses.
struct DERReader {
    let bytes: [UInt8]
    private(set) var position: Int
    let end: Int

    init(_ bytes: [UInt8]) { self.init(bytes, 0..<bytes.count) }

    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool { position == end }

    /// The tag of the next element; nil at the end.
    var next: UInt8? { position < end ? bytes[position] : nil }

    /// The contents of the next element, which must have this tag.
    mutating func read(_ tag: UInt8, _ what: StaticString) throws(SealingError) -> Range<Int> {
        let start = position
        guard position < end, bytes[position] == tag else { throw .shape(offset: start, expected: "\(what)") }
        position += 1
        let length = try length(what, from: start)
        guard length <= end - position else { throw .shape(offset: start, expected: "\(what) that ends within what holds it") }
        let contents = position..<position + length
        position += length
        return contents
    }

    /// The next element with its tag and length.
    mutating func whole(_ tag: UInt8, _ what: StaticString) throws(SealingError) -> Range<Int> {
        let start = position
        _ = try read(tag, what)
        return start..<position
    }

    /// A reader of the contents of the next element.
    mutating func enter(_ tag: UInt8, _ what: StaticString) throws(SealingError) -> DERReader {
        DERReader(bytes, try read(tag, what))
    }

    /// The next element must be exactly these bytes, tag and length included.
    mutating func expect(_ exact: [UInt8], _ what: StaticString) throws(SealingError) {
        guard end - position >= exact.count, bytes[position..<position + exact.count].elementsEqual(exact) else {
            throw .shape(offset: position, expected: "\(what)")
        }
        position += exact.count
    }

    func finish(_ what: StaticString) throws(SealingError) {
        guard position == end else { throw .shape(offset: position, expected: "nothing more in \(what)") }
    }

    /// A definite length in its shortest form, at most four bytes long (X.690, 10.1).
    private mutating func length(_ what: StaticString, from start: Int) throws(SealingError) -> Int {
        guard position < end else { throw .shape(offset: start, expected: "\(what) with a length") }
        let first = bytes[position]
        position += 1
        if first < 0x80 { return Int(first) }
        let count = Int(first & 0x7F)
        guard (1...4).contains(count), count <= end - position else {
            throw .shape(offset: start, expected: "\(what) with a definite length of at most four bytes")
        }
        var length = 0
        for _ in 0..<count {
            length = length << 8 | Int(bytes[position])
            position += 1
        }
        guard length >= 0x80, length >> (8 * (count - 1)) != 0 else {
            throw .shape(offset: start, expected: "\(what) with its length in the shortest form")
        }
        return length
    }
}

/// Tags of DER that are read and written here.
enum DERTag {
    static let boolean: UInt8 = 0x01
    static let integer: UInt8 = 0x02
    static let bitString: UInt8 = 0x03
    static let octetString: UInt8 = 0x04
    static let objectIdentifier: UInt8 = 0x06
    static let utf8String: UInt8 = 0x0C
    static let printableString: UInt8 = 0x13
    static let utcTime: UInt8 = 0x17
    static let generalizedTime: UInt8 = 0x18
    static let sequence: UInt8 = 0x30
    static let set: UInt8 = 0x31
    static func context(_ number: UInt8) -> UInt8 { 0x80 | number }
    static func constructed(_ number: UInt8) -> UInt8 { 0xA0 | number }
}
