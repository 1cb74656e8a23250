import Glibc

/// Bytes that are a secret, or hold one, wiped when the last that holds them, or a part of them, lets go. They cannot be printed.
package struct SecretBytes: Sendable, RandomAccessCollection, ExpressibleByArrayLiteral {
    private let storage: Storage
    package let startIndex: Int
    package let endIndex: Int

    package init(_ bytes: some Collection<UInt8>) {
        self.init(capacity: bytes.count) { room in
            room.copyBytes(from: bytes)
            return bytes.count
        }
    }

    /// Filled by `fill`, which returns how many bytes it wrote.
    package init<Failure>(capacity: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int) throws(Failure) {
        storage = Storage(capacity: capacity)
        (startIndex, endIndex) = (0, try fill(storage.bytes))
        precondition((0...capacity).contains(endIndex), "more bytes than there is room for")
    }

    package init(arrayLiteral elements: UInt8...) { self.init(elements) }

    private init(_ storage: Storage, _ range: Range<Int>) {
        (self.storage, startIndex, endIndex) = (storage, range.lowerBound, range.upperBound)
    }

    package subscript(position: Int) -> UInt8 {
        precondition(startIndex <= position && position < endIndex, "beyond the bytes")
        return storage.bytes[position]
    }

    package subscript(range: Range<Int>) -> SecretBytes {
        precondition(startIndex <= range.lowerBound && range.upperBound <= endIndex, "beyond the bytes")
        return SecretBytes(storage, range)
    }

    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(UnsafeRawBufferPointer(rebasing: storage.bytes[startIndex..<endIndex]))
    }

    package func withContiguousStorageIfAvailable<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result? {
        try body(UnsafeRawBufferPointer(rebasing: storage.bytes[startIndex..<endIndex]).bindMemory(to: UInt8.self))
    }

    /// Overwrites an array in a way that the compiler may not leave out, and empties it.
    package static func wipe(_ bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { if let start = $0.baseAddress { explicit_bzero(start, $0.count) } }
        bytes = []
    }

    /// Unchecked: written when it is made and when nobody holds it any more, read in between.
    private final class Storage: @unchecked Sendable {
        let bytes: UnsafeMutableRawBufferPointer

        init(capacity: Int) { bytes = .allocate(byteCount: capacity, alignment: 1) }

        deinit {
            if let start = bytes.baseAddress { explicit_bzero(start, bytes.count) }
            bytes.deallocate()
        }
    }
}

extension SecretBytes: Hashable {
    package static func == (left: Self, right: Self) -> Bool { left.elementsEqual(right) }
    package func hash(into hasher: inout Hasher) { withBytes { hasher.combine(bytes: $0) } }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "(\(count) bytes)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
