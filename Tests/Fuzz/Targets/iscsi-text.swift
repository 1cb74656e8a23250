// needs: Identifiers ISCSI
import ISCSI
import Identifiers

/// Text of a portal: keys, values, lists of targets, addresses and names. What is taken is printed, taken again, and the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzISCSIText(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    do throws(ISCSIFault) {
        let keys = try TextKeys(bytes)
        var written: [UInt8] = []
        for pair in keys.pairs {
            guard let text = pair.text else { continue }
            if let bytes = TextValue.binary(text, limit: 1024) {
                precondition(TextValue.binary(TextValue.hexadecimal(bytes), limit: 1024) == bytes, "a binary value changes")
            }
            if let number = TextValue.number(text) { precondition(TextValue.number("\(number)") == number, "a number changes") }
            check(text)
            TextKeys.append(pair.key, text, to: &written)
        }
        if keys.pairs.allSatisfy({ $0.text != nil }) {
            let again = try TextKeys(written)
            precondition(
                again.pairs.elementsEqual(keys.pairs) { $0.key == $1.key && $0.text == $1.text },
                "keys change when they are written and read")
        }
    } catch {
        isSaid("\(error)")
    }
    do throws(ISCSIFault) {
        let list = try SendTargetsText(bytes)
        precondition(Set(list.targets.map(\.name)).count == list.targets.count, "a target stands twice")
        for target in list.targets {
            precondition(Set(target.portals).count == target.portals.count, "a portal stands twice")
            precondition(ISCSIName(target.spelling) == target.name, "a spelling of another name")
            _ = TargetMaker.of(target.name, alias: nil)
        }
        for entry in list.unusable { isSaid(entry.text + " ") }
    } catch {
        isSaid("\(error)")
    }
    check(String(decoding: bytes, as: UTF8.self))
    return 0
}

private func check(_ text: String) {
    if let address = PortalAddress(text) {
        precondition(PortalAddress(address.description) == address, "an address changes when it is printed and read")
        isSaid(address.description)
    }
    if let name = ISCSIName(text) {
        precondition((1...223).contains(name.description.utf8.count), "a name of another length")
        precondition(ISCSIName(name.description) == name, "a name changes when it is prepared again")
    }
}

/// One line, and nothing that a terminal obeys.
private func isSaid(_ text: String) {
    precondition(!text.isEmpty && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "a text that cannot be shown")
}
