/// One line of `/proc/swaps` behind its heading: file name, type, size and used in KiB, priority.
package struct SwapArea: Equatable {
    /// `/dev/dm-1`, `/swapfile`.
    package var source: String
    package var sizeBytes: Int64
    package var availableBytes: Int64
}

package enum SwapTable {
    package static func parse(_ bytes: UnsafeRawBufferPointer) -> (areas: [SwapArea], malformedLines: [Int]) {
        var areas: [SwapArea] = []
        var malformed: [Int] = []
        var number = 0
        for line in Lines(bytes) {
            number += 1
            if number == 1 || line.isEmpty { continue }
            if areas.count < 1000, let area = area(line) {
                areas.append(area)
            } else if malformed.count < 100 {
                malformed.append(number)
            }
        }
        return (areas, malformed)
    }

    private static func area(_ line: UnsafeRawBufferPointer) -> SwapArea? {
        var fields = Fields(line)
        guard let name = fields.next(), let source = MountTable.unescaped(name), source.hasPrefix("/"), fields.next() != nil,
            let size = fields.next().flatMap(FactText.decimal), let used = fields.next().flatMap(FactText.decimal),
            size <= Int64.max >> 10, used <= size
        else { return nil }
        return SwapArea(source: source, sizeBytes: size << 10, availableBytes: (size - used) << 10)
    }
}
