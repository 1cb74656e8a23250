// needs: StrictJSON Identifiers Files Inventory Messages Sealing ScratchPad
// corpus: Tests/ScratchPadTests/Vectors Tests/SealingTests/Vectors
import Identifiers
import ScratchPad
import StrictJSON

/// The signed file, and what is inside the signature.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPadHeader(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    do throws(PadHeaderFault) {
        _ = try VerifiedHeader(bytes, trust: .onFirstUse, known: nil, now: Timestamp(seconds: 1_795_246_200))
    } catch {}
    do throws(JSONError) {
        let header = try PadHeader(json: JSONFields(JSONValue.parse(bytes)))
        let again = try PadHeader(json: JSONFields(JSONValue.parse(header.jsonBytes)))
        precondition(again == header, "a header changes when it is written and read")
    } catch {}
    return 0
}
