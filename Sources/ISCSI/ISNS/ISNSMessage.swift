/// One iSNS message (RFC 4171 section 5.1), cut into PDUs on its way:
///
///     byte 0  version, 1          byte 2  function (a response: + 0x8000)
///     byte 4  length of the payload in bytes, a multiple of 4, without these 12
///     byte 6  flags               byte 8  transaction        byte 10  sequence, 0 for the first PDU
///     then the payload; all numbers in network order
package struct ISNSMessage: Sendable, Equatable {
    package static let headerLength = 12
    /// Of one PDU; the length has 16 bits.
    package static let longestPayload = 65_532

    package enum Function {
        package static let register: UInt16 = 0x0001
        package static let query: UInt16 = 0x0002
        package static let getNext: UInt16 = 0x0003
        package static let deregister: UInt16 = 0x0004
        package static let response: UInt16 = 0x8000
    }

    package enum Flag {
        package static let client: UInt16 = 0x8000
        package static let server: UInt16 = 0x4000
        package static let authentication: UInt16 = 0x2000
        package static let replace: UInt16 = 0x1000
        package static let last: UInt16 = 0x0800
        package static let first: UInt16 = 0x0400
    }

    package var function: UInt16
    package var transaction: UInt16
    package var payload: [UInt8]
    /// More came than is taken, and the payload ends where the bound is. Nothing more can be read of this connection.
    package var isCut = false

    package init(function: UInt16, transaction: UInt16, payload: [UInt8]) {
        self.function = function
        self.transaction = transaction
        self.payload = payload
    }

    /// As PDUs with these flags and those of first and last.
    package func append(to output: inout [UInt8], flags: UInt16 = Flag.client) {
        var rest = payload[...]
        var sequence: UInt16 = 0
        repeat {
            let part = rest.prefix(Self.longestPayload)
            rest = rest.dropFirst(part.count)
            let ends = (sequence == 0 ? Flag.first : 0) | (rest.isEmpty ? Flag.last : 0)
            for number in [1, function, UInt16(part.count), flags | ends, transaction, sequence] {
                output += [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)]
            }
            output += part
            sequence &+= 1
        } while !rest.isEmpty
    }
}
