// needs: StrictJSON Identifiers Files Inventory Messages Sealing ScratchPad HostFacts AgentCore
import AgentCore
import HostFacts
import StrictJSON

/// What the daemon says to the root helper, what the helper says back, and what it keeps (whose orders it takes, and which it carried out): whatever
/// comes is read or refused, and what was read means the same when it is written and read again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPrivilegedRequest(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let value: JSONValue
    do throws(JSONError) { value = try JSONValue.parse(bytes) } catch { return 0 }
    check(TrustDirectory.Entry.self, value)
    check(PrivilegedAnswer.self, value)
    // Requests are small: what is beyond their bounds is not looked at.
    do throws(JSONError) { _ = try JSONValue.parse(bytes, limits: PrivilegedServer.limits) } catch { return 0 }
    guard case .scan(let order) = check(PrivilegedRequest.self, value) else { return 0 }
    precondition(order.signed.count <= SignedOrder.maximumBytes, "an order beyond its bounds")
    // Whatever it is, it was signed by nobody.
    precondition((try? order.verified()) == nil, "an order that nobody signed is believed")
    return 0
}

@discardableResult
private func check<Object: JSONReadable & JSONWritable & Equatable>(_ type: Object.Type, _ value: JSONValue) -> Object? {
    let object: Object
    do throws(JSONError) { object = try Object(json: JSONFields(value)) } catch { return nil }
    do throws(JSONError) {
        let again = try Object(json: JSONFields(JSONValue.parse(object.jsonBytes)))
        precondition(again == object, "\(type) changes when it is written and read")
    } catch {
        preconditionFailure("what was written as \(type) is not read: \(error)")
    }
    return object
}
