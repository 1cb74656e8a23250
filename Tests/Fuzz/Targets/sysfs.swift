// needs: StrictJSON Identifiers Files Inventory HostFacts
import HostFacts
import Identifiers

/// The bytes of an attribute: as text, as number, as page of vital product data, as name, and as a link's target.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSysfs(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    if case .value(let text) = FactText.string(bytes) {
        precondition(!text.isEmpty && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "an attribute with control characters")
        if let wwid = WWID(text) { precondition(WWID(wwid.description) == wwid, "a WWID changes when it is read again") }
        if let wwn = WWN(text) { precondition(WWN(wwn.description) == wwn, "a WWN changes when it is read again") }
        if let name = InitiatorName(text) { precondition(InitiatorName(name.description) == name, "a name changes when it is read again") }
        _ = DevicePath(text)
    }
    if let number = FactText.decimal(FactText.trimmed(bytes)) { precondition(number >= 0, "a size below zero") }
    _ = FactText.flag(bytes)
    precondition(FactText.excerpt(bytes).utf8.count <= 4 * 32 + 5, "an excerpt that is none")
    if case .value(let wwid) = VitalProductData.deviceIdentification(bytes) {
        precondition(WWID(wwid.description) == wwid, "a WWID changes when it is read again")
    }
    _ = VitalProductData.serialNumber(bytes)
    _ = InitiatorNameFile.parse(bytes)
    _ = OSRelease.parse(bytes)
    if let path = DeviceLinks.resolved(bytes, from: "sys/dev/block") {
        precondition(!path.split(separator: "/").contains(".."), "a link that leads out of the tree")
    }
    return 0
}
