// needs: StrictJSON Identifiers Files Inventory Messages Sealing ScratchPad HostFacts AgentCore
import AgentCore
import HostFacts
import StrictJSON

/// What the daemon says to the root helper, and what the helper says back: whatever comes is read or refused, and what was read means the same when
/// it is written and read again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPrivilegedRequest(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    do throws(JSONError) {
        let request = try PrivilegedRequest(json: JSONFields(JSONValue.parse(bytes, limits: PrivilegedServer.limits)))
        let again = try PrivilegedRequest(json: JSONFields(JSONValue.parse(request.jsonBytes, limits: PrivilegedServer.limits)))
        precondition(again == request, "a request means two things")
        if case .scan(let order) = request {
            precondition(order.signed.count <= SignedOrder.maximumBytes, "an order beyond its bounds")
            // Whatever it is, it was signed by nobody.
            precondition((try? order.verified()) == nil, "an order that nobody signed is believed")
        }
    } catch {}
    do throws(JSONError) {
        let answer = try PrivilegedAnswer(json: JSONFields(JSONValue.parse(bytes)))
        precondition(try PrivilegedAnswer(json: JSONFields(JSONValue.parse(answer.jsonBytes))) == answer, "an answer means two things")
    } catch {}
    return 0
}
