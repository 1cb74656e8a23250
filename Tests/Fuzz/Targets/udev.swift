// needs: StrictJSON Identifiers Files Inventory HostFacts
import HostFacts

/// A record of udev's database. What is told of it lies within the bytes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzUdev(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    for record in [UdevRecord(bytes), UdevRecord(properties: bytes)] {
        for value in [
            record.content, record.contentUUID, record.scsiSerial, record.serialShort, record.wwnWithExtension, record.wwn, record.vendor,
            record.model, record.revision,
        ] {
            guard let value else { continue }
            precondition(value.isEmpty || !value.contains(0x0A), "a value of two lines")
            _ = FactText.string(value)
        }
    }
    UdevRecord.eachLink(bytes) { link in precondition(!link.isEmpty, "a link without a name") }
    return 0
}
