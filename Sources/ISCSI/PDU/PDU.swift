/// One protocol data unit (RFC 7143 section 11.2), without its digests and its padding:
///
///     byte 0      . I opcode(6)                     I: for immediate delivery, of requests alone
///     byte 1      F or T, and what the opcode says
///     byte 4      TotalAHSLength, in words of 4 bytes
///     byte 5-7    DataSegmentLength, in bytes, without padding
///     byte 8-15   LUN, or what the opcode says
///     byte 16-19  Initiator Task Tag
///     byte 20-47  what the opcode says
///     then AHS, [header digest], data, padding to 4 bytes, [data digest]
package struct PDU: Sendable, Equatable {
    package static let headerLength = 48

    /// 48 bytes; bytes 4 to 7 are written when it is sent.
    package var header: [UInt8]
    /// Additional header segments, a multiple of 4, at most 1020 bytes.
    package var additional: [UInt8]
    package var data: [UInt8]

    package init(_ opcode: Opcode, isImmediate: Bool = false, flags: UInt8 = 0, data: [UInt8] = []) {
        header = [UInt8](repeating: 0, count: Self.headerLength)
        header[0] = opcode.rawValue | (isImmediate ? 0x40 : 0)
        header[1] = flags
        additional = []
        self.data = data
    }

    init(header: [UInt8], additional: [UInt8], data: [UInt8]) {
        self.header = header
        self.additional = additional
        self.data = data
    }

    package enum Opcode: UInt8, Sendable {
        case noOperationOut = 0x00
        case loginRequest = 0x03
        case textRequest = 0x04
        case logoutRequest = 0x06
        case noOperationIn = 0x20
        case loginResponse = 0x23
        case textResponse = 0x24
        case logoutResponse = 0x26
        case asynchronousMessage = 0x32
        case reject = 0x3F
    }

    /// Nil for one that is none of these.
    package var opcode: Opcode? { Opcode(rawValue: header[0] & 0x3F) }
    package var flags: UInt8 { header[1] }
    package var initiatorTaskTag: UInt32 {
        get { self[word: 16] }
        set { self[word: 16] = newValue }
    }
    package var targetTransferTag: UInt32 {
        get { self[word: 20] }
        set { self[word: 20] = newValue }
    }
    /// Of requests.
    package var commandSequence: UInt32 {
        get { self[word: 24] }
        set { self[word: 24] = newValue }
    }
    /// Of requests: the ExpStatSN.
    package var expectedStatusSequence: UInt32 {
        get { self[word: 28] }
        set { self[word: 28] = newValue }
    }
    /// Of responses: the StatSN.
    package var statusSequence: UInt32 {
        get { self[word: 24] }
        set { self[word: 24] = newValue }
    }

    /// Four bytes of the header, in network order.
    package subscript(word offset: Int) -> UInt32 {
        get { header[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) } }
        set { for index in 0..<4 { header[offset + index] = UInt8(truncatingIfNeeded: newValue >> (24 - 8 * UInt32(index))) } }
    }

    /// A tag that stands for none.
    package static let noTag: UInt32 = 0xFFFF_FFFF

    package func append(to output: inout [UInt8], headerDigest: Bool = false, dataDigest: Bool = false) {
        var header = header
        header[4] = UInt8(truncatingIfNeeded: additional.count / 4)
        for index in 0..<3 { header[5 + index] = UInt8(truncatingIfNeeded: data.count >> (16 - 8 * index)) }
        header += additional
        output += header
        if headerDigest { output += CRC32C.digest(header) }
        guard !data.isEmpty else { return }
        let padded = data + [UInt8](repeating: 0, count: -data.count & 3)
        output += padded
        if dataDigest { output += CRC32C.digest(padded) }
    }
}
