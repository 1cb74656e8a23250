/// What a login asks for beyond names and credentials.
package struct LoginOptions: Sendable, Equatable {
    /// Offered in this order; `CHAPAlgorithm.available` unless told.
    package var algorithms: [CHAPAlgorithm]
    /// CRC32C is offered before None; else None alone.
    package var headerDigest: Bool
    package var dataDigest: Bool
    /// MaxRecvDataSegmentLength that is declared, 512 to 2^24-1 bytes (RFC 7143 section 13.12).
    package var receiveLength: Int
    /// A discovery without credentials begins with the operational stage, which saves an exchange (RFC 7143 section 6.1.1). A target that wants the security
    /// stage refuses with 2/1; `again(after:)` is the attempt with it.
    package var skipsSecurity: Bool

    package init(
        algorithms: [CHAPAlgorithm] = CHAPAlgorithm.available, headerDigest: Bool = false, dataDigest: Bool = false,
        receiveLength: Int = 262_144, skipsSecurity: Bool = false
    ) {
        self.algorithms = algorithms
        self.headerDigest = headerDigest
        self.dataDigest = dataDigest
        self.skipsSecurity = skipsSecurity
        self.receiveLength = min(max(receiveLength, 512), 0xFF_FFFF)
    }
}
