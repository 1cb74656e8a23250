import Inventory

/// Positions by device number.
struct NumberIndex {
    private var entries: [(number: UInt64, position: Int)] = []

    /// The first of equal numbers counts; nil has none.
    init(_ numbers: [DeviceNumber?]) {
        for (position, number) in numbers.enumerated() { if let number { entries.append((Self.key(number), position)) } }
        entries.sort { ($0.number, $0.position) < ($1.number, $1.position) }
    }

    subscript(number: DeviceNumber) -> Int? {
        let wanted = Self.key(number)
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].number < wanted { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].number == wanted ? entries[low].position : nil
    }

    private static func key(_ number: DeviceNumber) -> UInt64 { UInt64(number.major) << 32 | UInt64(number.minor) }
}
