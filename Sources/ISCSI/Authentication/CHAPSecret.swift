import CCrypto
import Glibc

/// A secret of CHAP in memory, wiped when the last that holds it lets go. It cannot be printed.
package struct CHAPSecret: Sendable, CustomDebugStringConvertible, CustomReflectable {
    private let storage: Storage

    package init(_ bytes: some Collection<UInt8>) { storage = Storage(bytes) }

    package var count: Int { storage.bytes.count }

    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { body(UnsafeRawBufferPointer(storage.bytes)) }

    /// Takes as long whatever they hold.
    package func isEqual(to other: CHAPSecret) -> Bool {
        guard count == other.count else { return false }
        guard count > 0 else { return true }
        return withBytes { left in
            other.withBytes { right in
                quartermaster_equal(
                    left.baseAddress?.assumingMemoryBound(to: UInt8.self), right.baseAddress?.assumingMemoryBound(to: UInt8.self),
                    left.count) == 1
            }
        }
    }

    package var debugDescription: String { "(secret)" }
    package var customMirror: Mirror { Mirror(self, children: []) }

    /// Unchecked: written when it is made and when nobody holds it any more, read in between.
    private final class Storage: @unchecked Sendable {
        let bytes: UnsafeMutableRawBufferPointer

        init(_ source: some Collection<UInt8>) {
            bytes = .allocate(byteCount: source.count, alignment: 1)
            bytes.copyBytes(from: source)
        }

        deinit {
            if let start = bytes.baseAddress { explicit_bzero(start, bytes.count) }
            bytes.deallocate()
        }
    }
}
