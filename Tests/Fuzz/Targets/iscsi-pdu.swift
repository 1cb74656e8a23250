// needs: Identifiers ISCSI
import ISCSI

/// Bytes of a portal, cut into PDUs: any cut gives the same, and what is written again is read as the same. The first byte chooses digests and the cut.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzISCSIPDU(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 1 else { return 0 }
    let choice = start[0]
    let bytes = UnsafeRawBufferPointer(start: start + 1, count: count - 1)
    let (header, data) = (choice & 1 != 0, choice & 2 != 0)
    let whole = pdus(bytes, cut: bytes.count, header, data)
    precondition(whole == pdus(bytes, cut: 1 + Int(choice >> 2), header, data), "a cut makes a difference")
    var written: [UInt8] = []
    for pdu in whole.pdus {
        precondition(pdu.header.count == 48 && pdu.additional.count % 4 == 0 && pdu.data.count <= limit, "a PDU that has no shape")
        pdu.append(to: &written, headerDigest: header, dataDigest: data)
    }
    let again = written.withUnsafeBytes { pdus($0, cut: max(1, $0.count), header, data) }
    precondition(again.pdus == whole.pdus && again.fault == nil, "a PDU changes when it is written and read")
    return 0
}

private let limit = 8192

private struct Result: Equatable {
    var pdus: [PDU] = []
    var fault: ISCSIFault?
}

private func pdus(_ bytes: UnsafeRawBufferPointer, cut: Int, _ header: Bool, _ data: Bool) -> Result {
    var assembler = PDUAssembler(limit: limit)
    (assembler.headerDigest, assembler.dataDigest) = (header, data)
    var result = Result()
    var place = 0
    while place < bytes.count {
        let end = min(bytes.count, place + cut)
        assembler.append(UnsafeRawBufferPointer(rebasing: bytes[place..<end]))
        place = end
        do throws(ISCSIFault) {
            while let pdu = try assembler.next() { result.pdus.append(pdu) }
        } catch {
            result.fault = error
            return result
        }
    }
    return result
}
