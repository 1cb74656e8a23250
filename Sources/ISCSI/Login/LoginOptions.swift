/// What a login asks for beyond names and credentials.
package struct LoginOptions: Sendable, Equatable {
    /// Offered in this order; `CHAPAlgorithm.available` unless told.
    package var algorithms: [CHAPAlgorithm]
    /// CRC32C is offered before None; else None alone.
    package var headerDigest: Bool
    package var dataDigest: Bool
    /// MaxRecvDataSegmentLength that is declared, 512 to 2^24-1 bytes (RFC 7143 section 13.12).
    package var receiveLength: Int

    package init(
        algorithms: [CHAPAlgorithm] = CHAPAlgorithm.available, headerDigest: Bool = false, dataDigest: Bool = false,
        receiveLength: Int = 262_144
    ) {
        self.algorithms = algorithms
        self.headerDigest = headerDigest
        self.dataDigest = dataDigest
        self.receiveLength = min(max(receiveLength, 512), 0xFF_FFFF)
    }
}
