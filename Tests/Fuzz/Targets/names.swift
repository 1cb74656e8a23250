// needs: StrictJSON Identifiers Files Inventory Messages Sealing ScratchPad
// sources: Sources/Daemons/Intake/HostCertificateName.swift
import Identifiers
import ScratchPad

/// Names that others choose: of files on a pad, and in certificates.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzNames(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    if let name = PadName(bytes: bytes) {
        precondition(name.bytes == bytes, "a name changes")
        precondition(name.description.utf8.allSatisfy { (0x20...0x7E).contains($0) }, "a name that moves a cursor")
        if let message = MessageFileName(name) {
            precondition(message.name == name, "a message's name changes when it is read and written")
            precondition(message.sequence >= 0 && MessageFileName(message.temporary) == nil, "a temporary name that counts")
        }
    } else {
        precondition(bytes.isEmpty || bytes.count > 255 || bytes.contains(0) || bytes.contains(0x2F) || bytes.allSatisfy { $0 == 0x2E })
    }
    let text = String(decoding: bytes, as: UTF8.self)
    if let (host, account) = HostCertificateName.parse(text) {
        precondition(HostCertificateName.text(host, account) == text, "a host's name changes when it is read and written")
    }
    return 0
}
