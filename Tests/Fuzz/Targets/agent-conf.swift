// needs: StrictJSON Identifiers Files Inventory Messages Sealing ScratchPad HostFacts AgentCore
// corpus: agent-packaging
import AgentCore

/// agent.conf and register.conf: every fault names a line of the file, and a file without faults means the same when it is read again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzAgentConf(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let file = ConfigurationFile(bytes, file: "agent.conf")
    precondition(ConfigurationFile(bytes, file: "agent.conf") == file, "a file means two things")
    for fault in file.faults {
        precondition((0...count + 1).contains(fault.line), "a fault of a line that is not there")
        _ = fault.description
    }
    let configuration = file.configuration
    precondition(
        configuration.interval > .zero && configuration.timeout > .zero && (2...4).contains(configuration.level),
        "a value that is not allowed")
    // The same bytes as register.conf, which knows one section.
    let registration = ConfigurationFile(bytes, file: "register.conf", section: "registration", over: configuration)
    for fault in registration.faults {
        precondition((0...count + 1).contains(fault.line), "a fault of a line that is not there")
        _ = fault.description
    }
    precondition(
        registration.configuration.interval == configuration.interval && registration.configuration.timeout == configuration.timeout,
        "a section that sets what is another's")
    return 0
}
