import Identifiers

/// What the controller remembers of one sender's numbering on one pad: the last number, a window of disorder, and the IDs in it.
///
/// Numbers are the larger of last + 1 and the sender's clock in microseconds, so they have gaps: the window holds the 64 highest
/// numbers accepted. A number at or below `floor` is old, whatever it is; one above it is new unless it is in the window.
///
/// A sender writes nothing between a message and the one that it names as its predecessor. So a message that was accepted with a number
/// between those two is another writer's with the same key: a fork, however long ago the two parted. Messages that were lost, refused, or
/// still lie unread somewhere prove nothing, and are none.
///
/// Stored as bytes (`encoded`): version 1, epoch, floor, then for each entry number, ID and predecessor, 8 bytes each, big-endian.
package struct SequenceWindow: Equatable, Sendable {
    package static let width = 64

    /// One accepted message. IDs are kept as 64-bit digests: a sender that makes two of its own collide harms only itself.
    package struct Entry: Equatable, Sendable {
        package let sequence: Int64
        package let id: UInt64
        /// Zero where the message named no predecessor.
        package let previous: UInt64
    }

    package enum Verdict: Equatable, Sendable {
        /// Not seen before. `fork` where another message named the same predecessor, or has a number between the predecessor's and its own:
        /// a clone, or a restored snapshot.
        case fresh(fork: Bool)
        /// Handled already: to be answered as it was answered then.
        case repeated
        /// At or below the window, or a number that another message has used.
        case old
    }

    package private(set) var epoch: Int64
    /// The highest number that left the window; 0 while none has.
    package private(set) var floor: Int64
    /// Ascending by number.
    package private(set) var entries: [Entry]

    package init(epoch: Int64, floor: Int64 = 0) {
        self.epoch = epoch
        self.floor = floor
        entries = []
    }

    /// The highest number accepted.
    package var last: Int64 { entries.last?.sequence ?? floor }

    /// The number to begin anew behind everything that was accepted; nil where a sender has used up the numbers.
    package var next: Int64? { last == .max ? nil : last + 1 }

    /// - Parameter previousSequence: the number of `previous`; nil where the sender does not say it.
    package func judge(sequence: Int64, id: MessageID, previous: MessageID?, previousSequence: Int64? = nil) -> Verdict {
        let digest = Self.digest(id.text)
        if entries.contains(where: { $0.id == digest }) { return .repeated }
        if sequence <= floor || entries.contains(where: { $0.sequence == sequence }) { return .old }
        guard let previous else { return .fresh(fork: false) }
        let predecessor = Self.digest(previous.text)
        return .fresh(
            fork: entries.contains { $0.previous == predecessor }
                || previousSequence.map { hasAccepted(between: $0, and: sequence) } ?? false)
    }

    private func hasAccepted(between lower: Int64, and upper: Int64) -> Bool {
        lower < floor && floor < upper || entries.contains { lower < $0.sequence && $0.sequence < upper }
    }

    /// Notes a message that `judge` called fresh.
    package mutating func accept(sequence: Int64, id: MessageID, previous: MessageID?) {
        let entry = Entry(sequence: sequence, id: Self.digest(id.text), previous: previous.map { Self.digest($0.text) } ?? 0)
        let index = entries.lastIndex { $0.sequence < sequence }.map { $0 + 1 } ?? 0
        entries.insert(entry, at: index)
        if entries.count > Self.width {
            floor = entries[0].sequence
            entries.removeFirst()
        }
    }

    // MARK: Bytes

    package var encoded: [UInt8] {
        var bytes: [UInt8] = [1]
        bytes.reserveCapacity(17 + 24 * entries.count)
        func append(_ value: UInt64) {
            for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(value >> UInt64(shift) & 0xFF)) }
        }
        append(UInt64(bitPattern: epoch))
        append(UInt64(bitPattern: floor))
        for entry in entries {
            append(UInt64(bitPattern: entry.sequence))
            append(entry.id)
            append(entry.previous)
        }
        return bytes
    }

    /// Nil for bytes that `encoded` never makes.
    package init?(encoded bytes: [UInt8]) {
        guard bytes.first == 1, bytes.count >= 17, (bytes.count - 17).isMultiple(of: 24), bytes.count <= 17 + 24 * Self.width else {
            return nil
        }
        func number(at offset: Int) -> UInt64 { bytes[offset..<offset + 8].reduce(0) { $0 << 8 | UInt64($1) } }
        epoch = Int64(bitPattern: number(at: 1))
        floor = Int64(bitPattern: number(at: 9))
        entries = stride(from: 17, to: bytes.count, by: 24).map {
            Entry(sequence: Int64(bitPattern: number(at: $0)), id: number(at: $0 + 8), previous: number(at: $0 + 16))
        }
    }

    /// FNV-1a, 64 bits; never zero.
    static func digest(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return hash == 0 ? 1 : hash
    }
}
