import CCrypto
import Glibc

/// Where a conversation takes its random bytes from: session identifiers, CHAP challenges, transaction numbers.
package struct RandomSource: Sendable {
    private let fill: @Sendable (Int) -> [UInt8]

    /// `fill` returns as many bytes as it is asked for.
    package init(_ fill: @escaping @Sendable (Int) -> [UInt8]) { self.fill = fill }

    /// libcrypto's.
    package static let system = RandomSource { count in
        var bytes = [UInt8](repeating: 0, count: count)
        // Fails only where the kernel gives no randomness: no challenge could be made then.
        precondition(quartermaster_random(&bytes, count) == 1, "libcrypto has no random bytes")
        return bytes
    }

    /// The kernel's own, without libcrypto, which a discovery without credentials then need not load.
    package static let kernel = RandomSource { count in
        var bytes = [UInt8](repeating: 0, count: count)
        // At most 256 bytes a call (getentropy(3)); fails only where the kernel has none at all.
        var start = 0
        while start < count {
            let length = min(count - start, 256)
            precondition(
                bytes.withUnsafeMutableBytes { getentropy($0.baseAddress! + start, length) } == 0, "the kernel has no random bytes")
            start += length
        }
        return bytes
    }

    package func bytes(_ count: Int) -> [UInt8] { fill(count) }
}
