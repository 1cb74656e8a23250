import CCrypto

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

    package func bytes(_ count: Int) -> [UInt8] { fill(count) }
}
