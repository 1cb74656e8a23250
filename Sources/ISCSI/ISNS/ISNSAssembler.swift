/// Puts the PDUs of one connection together to messages: those of a transaction follow one another, numbered from 0, the first and the last marked.
package struct ISNSAssembler: Sendable {
    /// Bytes of one message.
    package static let longestMessage = 1 << 24

    private var buffer: [UInt8] = []
    private var start = 0
    private var message: ISNSMessage?
    private var sequence: UInt16 = 0
    private var isOpening = true

    package init() {}

    package var isEmpty: Bool { start == buffer.count && message == nil }
    /// Whether no PDU was whole yet.
    package var hasNone: Bool { isOpening }

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if start > 0, start == buffer.count || start > 65536 {
            buffer.removeSubrange(..<start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next message, whole but where it is longer than `longestMessage`; nil where more bytes are needed. Throws `.notISCSI` while no PDU was understood, then `.violation`.
    package mutating func next() throws(ISCSIFault) -> ISNSMessage? {
        while true {
            // Version 1; known from the first byte, so that a peer that says something else need not say twelve of them.
            let versions: [UInt8] = [0, 1]
            for (index, expected) in versions.enumerated() where start + index < buffer.count && buffer[start + index] != expected {
                throw isOpening
                    ? .notISCSI(
                        found:
                            "what answers is no iSNS server: byte \(index) of its answer is \(WireText.hexadecimal(buffer[start + index]))")
                    : .violation(expected: "version 1 of iSNS", found: "another")
            }
            guard buffer.count - start >= ISNSMessage.headerLength else { return nil }
            let length = Int(number(4))
            let end = start + ISNSMessage.headerLength + length
            guard length % 4 == 0 else {
                throw isOpening
                    ? .notISCSI(found: "what answers is no iSNS server: its message has \(length) bytes, which is no multiple of 4")
                    : .violation(expected: "a length that is a multiple of 4", found: "\(length)")
            }
            guard buffer.count >= end else { return nil }
            let (function, flags, transaction, order) = (number(2), number(6), number(8), number(10))
            let payload = buffer[start + ISNSMessage.headerLength..<end]
            if flags & ISNSMessage.Flag.first != 0 {
                guard message == nil, order == 0 else {
                    throw .violation(expected: "the rest of a message", found: "the first part of another")
                }
                message = ISNSMessage(function: function, transaction: transaction, payload: Array(payload))
            } else {
                guard var begun = message, begun.function == function, begun.transaction == transaction, order == sequence &+ 1 else {
                    throw .violation(expected: "the parts of a message one after another", found: "part \(order)")
                }
                guard begun.payload.count + payload.count <= Self.longestMessage else {
                    message = nil
                    begun.isCut = true
                    return begun
                }
                // Taken out before it grows, so that it is not copied each time.
                message = nil
                begun.payload += payload
                message = begun
            }
            sequence = order
            start = end
            isOpening = false
            if flags & ISNSMessage.Flag.last != 0, let whole = message {
                message = nil
                return whole
            }
        }
    }

    private func number(_ offset: Int) -> UInt16 { UInt16(buffer[start + offset]) << 8 | UInt16(buffer[start + offset + 1]) }
}
