// needs: StrictJSON Identifiers Files Inventory HostFacts
import StrictJSON

@testable import HostFacts

/// What a process with more rights hands over: whatever is read of it is written, and read again as the same. And open-iscsi's records.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPrivilegedFacts(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    if case .value(let interface) = ISCSIInterfaceReader.parse(bytes, name: "file") { precondition(!interface.name.isEmpty) }
    do throws(JSONError) {
        let facts = try PrivilegedFacts(json: JSONFields(JSONValue.parse(bytes)))
        let again: PrivilegedFacts
        do throws(JSONError) { again = try PrivilegedFacts(json: JSONFields(JSONValue.parse(facts.jsonBytes))) } catch {
            preconditionFailure("what was written is not read: \(error)")
        }
        precondition(again == facts, "facts change when they are written and read")
    } catch {}
    return 0
}
