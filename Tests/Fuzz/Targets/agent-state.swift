// needs: StrictJSON Identifiers Files Inventory Messages Sealing ScratchPad HostFacts AgentCore
import AgentCore
import Identifiers
import StrictJSON

/// The agent's own state file, as a disk or an administrator may have damaged it: read, written, read again, and asked what is due.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzAgentState(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let state: RegistrationState
    do throws(JSONError) { state = try RegistrationState(json: JSONFields(JSONValue.parse(bytes))) } catch { return 0 }
    do throws(JSONError) {
        let again = try RegistrationState(json: JSONFields(JSONValue.parse(state.jsonBytes)))
        precondition(again == state, "a state changes when it is written and read")
    } catch {
        preconditionFailure("what was written is not read: \(error)")
    }
    let now = Timestamp(seconds: 1_795_246_200)
    precondition(state.files.allSatisfy { !$0.isEmpty && !$0.contains("/") && $0 != "." && $0 != ".." }, "a file of another directory")
    _ = RegistrationStatus(of: state, now: now)
    let findings = RegistrationState.Findings(inventory: "sha256:0", marks: [])
    _ = state.toSend(findings, policy: FreeSpacePolicy(interval: .seconds(900), threshold: 1), now: now)
    for message in state.outbox { _ = Backoff.isDue(message, now: now, poll: .milliseconds(state.pad.pollMilliseconds)) }
    var chain = state.chain
    if let id = MessageID("message-1") { _ = chain.extend(id, at: now) }
    return 0
}
