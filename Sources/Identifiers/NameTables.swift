/// The tables of `NamePreparation`, read from their encoded form when a name is first met that is not ASCII.
struct NameTables: Sendable {
    static let shared = NameTables()

    let replacements: Replacements
    /// By the first character in the upper half and the second in the lower.
    let compositions: [UInt64: UInt32]
    private let classes: Ranges
    let refused: Ranges
    let rightToLeft: Ranges
    let leftToRight: Ranges

    func combiningClass(_ scalar: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: classes.value(of: scalar) ?? 0) }

    /// What a character becomes by mapping and decomposition.
    struct Replacements: Sendable {
        private var places: [UInt32: Range<Int>] = [:]
        private var scalars: [UInt32] = []

        fileprivate init(_ numbers: inout Numbers) {
            var scalar: UInt32 = 0
            for _ in 0..<numbers.next() {
                scalar += numbers.next()
                let (stride, run) = (numbers.next(), numbers.next())
                let distances = (0..<numbers.next()).map { _ in numbers.nextDistance() }
                for index in 0..<run {
                    let replaced = scalar + index * stride
                    places[replaced] = scalars.count..<scalars.count + distances.count
                    scalars += distances.map { UInt32(truncatingIfNeeded: Int64(replaced) + $0) }
                }
            }
        }

        /// The character itself where nothing is said of it.
        func replacement(of scalar: UInt32) -> [UInt32] {
            guard let place = places[scalar] else { return [scalar] }
            return Array(scalars[place])
        }
    }

    /// Ranges in order, each with a value where they have one.
    struct Ranges: Sendable {
        private var starts: [UInt32] = []
        private var ends: [UInt32] = []
        private var values: [UInt32] = []

        fileprivate init(_ numbers: inout Numbers, hasValues: Bool) {
            var last: UInt32 = 0
            for _ in 0..<numbers.next() {
                let start = last + numbers.next()
                last = start + numbers.next()
                starts.append(start)
                ends.append(last)
                values.append(hasValues ? numbers.next() : 1)
            }
        }

        func contains(_ scalar: UInt32) -> Bool { value(of: scalar) != nil }

        func value(of scalar: UInt32) -> UInt32? {
            // The first range that ends behind it.
            var (low, high) = (0, ends.count)
            while low < high {
                let middle = (low + high) / 2
                if ends[middle] <= scalar { low = middle + 1 } else { high = middle }
            }
            return low < starts.count && starts[low] <= scalar ? values[low] : nil
        }
    }

    private init() {
        var numbers = Numbers(NamePreparation.encodedTables)
        replacements = Replacements(&numbers)
        var pairs: [UInt64: UInt32] = [:]
        var (first, second, composed): (Int64, Int64, Int64) = (0, 0, 0)
        for _ in 0..<numbers.next() {
            first += Int64(numbers.next())
            second += numbers.nextDistance()
            composed += numbers.nextDistance()
            pairs[UInt64(truncatingIfNeeded: first) << 32 | UInt64(truncatingIfNeeded: second)] = UInt32(truncatingIfNeeded: composed)
        }
        compositions = pairs
        classes = Ranges(&numbers, hasValues: true)
        refused = Ranges(&numbers, hasValues: false)
        rightToLeft = Ranges(&numbers, hasValues: false)
        leftToRight = Ranges(&numbers, hasValues: false)
    }
}

/// Numbers in LEB128, in Base64: our own text, so what is wrong in it ends in zeros and in a test.
private struct Numbers {
    private var bytes: [UInt8] = []
    private var place = 0

    init(_ text: StaticString) {
        var (bits, count): (UInt32, UInt32) = (0, 0)
        for character in UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount) {
            let value: UInt8
            switch character {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = character - UInt8(ascii: "A")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = character - UInt8(ascii: "a") + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = character - UInt8(ascii: "0") + 52
            case UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "/"): value = 63
            default: continue
            }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> count))
            }
        }
    }

    mutating func next() -> UInt32 {
        var (value, shift): (UInt32, UInt32) = (0, 0)
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            value |= UInt32(byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 { break }
        }
        return value
    }

    /// Zigzag: 0, -1, 1, -2 are 0, 1, 2, 3.
    mutating func nextDistance() -> Int64 {
        let number = Int64(next())
        return number & 1 == 0 ? number / 2 : -(number + 1) / 2
    }
}
