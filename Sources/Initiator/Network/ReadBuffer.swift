import Glibc

/// Where bytes from a connection lie while its conversation looks at them.
final class ReadBuffer {
    static let size = 128 << 10
    private let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)

    deinit { storage.deallocate() }

    /// read(2): the count of bytes, 0 at the end, or -1 with errno set.
    func read(_ descriptor: Int32) -> Int { Glibc.read(descriptor, storage.baseAddress, storage.count) }

    func bytes(_ count: Int) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: storage[..<count]) }
}
