import Glibc

/// The lines of a text, without their newlines and without copying.
struct Lines: Sequence, IteratorProtocol {
    private var rest: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

    mutating func next() -> UnsafeRawBufferPointer? {
        guard let start = rest.baseAddress, !rest.isEmpty else { return nil }
        guard let newline = memchr(start, 0x0A, rest.count) else {
            defer { rest = UnsafeRawBufferPointer(rebasing: rest[rest.endIndex...]) }
            return rest
        }
        let length = UnsafeRawPointer(newline) - start
        defer { rest = UnsafeRawBufferPointer(rebasing: rest[(length + 1)...]) }
        return UnsafeRawBufferPointer(rebasing: rest[..<length])
    }
}

extension UnsafeRawBufferPointer {
    /// The bytes before and behind the first `separator`; nil where there is none.
    func split(at separator: UInt8) -> (UnsafeRawBufferPointer, UnsafeRawBufferPointer)? {
        guard let baseAddress, let found = memchr(baseAddress, Int32(separator), count) else { return nil }
        let length = UnsafeRawPointer(found) - baseAddress
        return (UnsafeRawBufferPointer(rebasing: self[..<length]), UnsafeRawBufferPointer(rebasing: self[(length + 1)...]))
    }
}
