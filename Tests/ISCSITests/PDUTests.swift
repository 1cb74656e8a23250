import ISCSI
import Testing

@Suite struct PDUTests {
    private func assemble(_ bytes: [UInt8], cut: Int = .max, header: Bool = false, data: Bool = false, limit: Int = 65536)
        throws(ISCSIFault) -> [PDU]
    {
        var assembler = PDUAssembler(limit: limit)
        (assembler.headerDigest, assembler.dataDigest) = (header, data)
        var pdus: [PDU] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            Array(rest.prefix(cut)).withUnsafeBytes { assembler.append($0) }
            rest = rest.dropFirst(cut)
            while let pdu = try assembler.next() { pdus.append(pdu) }
        }
        return pdus
    }

    /// A login response with an additional header segment and five bytes of data.
    private static let response: PDU = {
        var pdu = PDU(.loginResponse, flags: 0x87, data: Array("abcde".utf8))
        pdu.additional = [0, 5, 1, 2, 3, 4, 5, 0]
        pdu.initiatorTaskTag = 0x0102_0304
        pdu.statusSequence = 0xFFFF_FFFE
        return pdu
    }()

    @Test func aPDUIsWrittenAsTheStandardShowsIt() {
        var bytes: [UInt8] = []
        var request = PDU(.textRequest, isImmediate: true, flags: 0x80, data: Array("SendTargets=All\0".utf8))
        request.initiatorTaskTag = 1
        request.targetTransferTag = PDU.noTag
        request.commandSequence = 2
        request.expectedStatusSequence = 3
        request.append(to: &bytes)
        #expect(
            bytes == [
                0x44, 0x80, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0,
                0, 0, 0, 0, 0, 0, 0,
                0, 0, 0, 0, 0, 0,
            ] + Array("SendTargets=All\0".utf8))
    }

    @Test(arguments: [true, false], [true, false])
    func everyCutGivesTheSamePDUs(header: Bool, data: Bool) throws {
        var bytes: [UInt8] = []
        var written = Self.response
        for _ in 0..<3 { written.append(to: &bytes, headerDigest: header, dataDigest: data) }
        PDU(.loginResponse).append(to: &bytes, headerDigest: header, dataDigest: data)
        // The lengths are written when it is sent.
        written.header[4] = 2
        written.header[7] = 5
        for cut in 1...bytes.count {
            #expect(try assemble(bytes, cut: cut, header: header, data: data) == [written, written, written, PDU(.loginResponse)])
        }
    }

    @Test func aChangedBitIsFoundByTheDigests() throws {
        var bytes: [UInt8] = []
        Self.response.append(to: &bytes, headerDigest: true, dataDigest: true)
        // From the second byte on: the first decides whether it is iSCSI at all. A length that grew waits for more, or is found by its limit.
        for place in 1..<bytes.count {
            var broken = bytes
            broken[place] ^= 0x10
            #expect(throws: ISCSIFault.self, "byte \(place)") {
                var assembler = PDUAssembler(limit: 65536)
                (assembler.headerDigest, assembler.dataDigest) = (true, true)
                broken.withUnsafeBytes { assembler.append($0) }
                [UInt8](repeating: 0, count: 1100).withUnsafeBytes { assembler.append($0) }
                _ = try assembler.next()
            }
        }
    }

    @Test(
        arguments: [
            (Array("SSH-2.0-OpenSSH_9.2".utf8), "0x53"), (Array("HTTP/1.1 400 Bad Request".utf8), "0x48"), ([0], "0x00"), ([0x24], "0x24"),
            ([0xA3], "0xa3"),
            (Array("220 mail.example ESMTP".utf8), "0x32"), ([0x15, 0x03, 0x03, 0, 2, 2, 40], "0x15"),
        ] as [([UInt8], String)])
    func whatIsNoISCSIIsKnownByItsFirstByte(bytes: [UInt8], shown: String) {
        for cut in [1, bytes.count] {
            #expect(throws: ISCSIFault.notISCSI(found: "its first byte is \(shown)")) { try assemble(bytes, cut: cut) }
        }
    }

    @Test func aDataSegmentBeyondTheLimitIsRefusedBeforeItComes() throws {
        var header = PDU(.loginResponse).header
        header[5] = 0xFF
        #expect(throws: ISCSIFault.notISCSI(found: "16711680, where at most 65536 bytes of data in a PDU may stand")) {
            try assemble(header)
        }
        var bytes: [UInt8] = []
        PDU(.loginResponse).append(to: &bytes)
        #expect(throws: ISCSIFault.violation(expected: "at most 65536 bytes of data in a PDU", found: "16711680")) {
            try assemble(bytes + header)
        }
    }
}
