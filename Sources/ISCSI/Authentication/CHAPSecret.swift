import CCrypto

/// A secret of CHAP in memory, wiped when the last that holds it lets go. It cannot be printed.
package struct CHAPSecret: Sendable, CustomDebugStringConvertible, CustomReflectable {
    package let bytes: SecretBytes

    package init(_ bytes: some Collection<UInt8>) { self.bytes = SecretBytes(bytes) }

    package var count: Int { bytes.count }

    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { bytes.withBytes(body) }

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
}
