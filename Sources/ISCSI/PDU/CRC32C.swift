/// CRC32C (Castagnoli), the digest of headers and data (RFC 7143 section 13.1): reflected, polynomial 0x1EDC6F41, begun with and finished by ones.
package enum CRC32C {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
    }

    package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        table.withUnsafeBufferPointer { table in
            ~bytes.reduce(~0) { value, byte in value >> 8 ^ table[Int(truncatingIfNeeded: value) & 255 ^ Int(byte)] }
        }
    }

    /// The four bytes as they are sent: the low byte first (RFC 3720 appendix B.4).
    package static func digest(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        let value = checksum(bytes)
        return [
            UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value >> 16),
            UInt8(value >> 24),
        ]
    }
}
