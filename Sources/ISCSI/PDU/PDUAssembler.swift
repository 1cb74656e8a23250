/// Cuts a stream of bytes into PDUs. Holds at most one PDU and what came behind it in one read.
package struct PDUAssembler: Sendable {
    /// Set once negotiated: they hold from the PDU after the last of the login.
    package var headerDigest = false
    package var dataDigest = false
    /// The longest data segment that is taken, in bytes.
    package let limit: Int
    /// What the very first byte may be; anything else is no iSCSI, and is known at once.
    private let openings: [UInt8]
    private var isOpening = true
    private var buffer: [UInt8] = []
    /// What of the buffer was cut off already.
    private var start = 0

    /// A login response or a reject, unless told.
    package init(limit: Int, openings: [UInt8] = [PDU.Opcode.loginResponse.rawValue, PDU.Opcode.reject.rawValue]) {
        self.limit = limit
        self.openings = openings
    }

    /// Whether any byte came that was not yet cut off.
    package var isEmpty: Bool { start == buffer.count }
    /// Whether no PDU was whole yet.
    package var hasNone: Bool { isOpening }

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if start > 0, start == buffer.count || start > 65536 {
            buffer.removeSubrange(..<start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole PDU; nil where more bytes are needed.
    ///
    /// Throws `.notISCSI` while no PDU was understood, then `.violation`.
    package mutating func next() throws(ISCSIFault) -> PDU? {
        guard start < buffer.count else { return nil }
        if isOpening, !openings.contains(buffer[start]) {
            throw .notISCSI(found: "its first byte is \(WireText.hexadecimal(buffer[start]))")
        }
        guard buffer.count - start >= PDU.headerLength else { return nil }
        let additionalLength = Int(buffer[start + 4]) * 4
        let dataLength = Int(buffer[start + 5]) << 16 | Int(buffer[start + 6]) << 8 | Int(buffer[start + 7])
        guard dataLength <= limit else {
            throw broken("at most \(limit) bytes of data in a PDU", "\(dataLength)")
        }
        let headerEnd = start + PDU.headerLength + additionalLength
        let dataStart = headerEnd + (headerDigest ? 4 : 0)
        // What the header's digest does not vouch for is not believed: a broken length would have us wait for ever.
        guard buffer.count >= dataStart else { return nil }
        if headerDigest, CRC32C.digest(buffer[start..<headerEnd]) != Array(buffer[headerEnd..<dataStart]) {
            throw broken("a header with its digest", "one that was changed on its way")
        }
        let paddedEnd = dataStart + (dataLength + 3) & ~3
        let end = paddedEnd + (dataDigest && dataLength > 0 ? 4 : 0)
        guard buffer.count >= end else { return nil }
        if dataDigest, dataLength > 0, CRC32C.digest(buffer[dataStart..<paddedEnd]) != Array(buffer[paddedEnd..<end]) {
            throw broken("data with their digest", "some that were changed on their way")
        }
        let pdu = PDU(
            header: Array(buffer[start..<start + PDU.headerLength]), additional: Array(buffer[start + PDU.headerLength..<headerEnd]),
            data: Array(buffer[dataStart..<dataStart + dataLength]))
        start = end
        isOpening = false
        return pdu
    }

    private func broken(_ expected: String, _ found: String) -> ISCSIFault {
        isOpening ? .notISCSI(found: "\(found), where \(expected) may stand") : .violation(expected: expected, found: found)
    }
}
