import AgentCore
import Glibc
import StrictJSON

extension CommonOptions {
    /// What a command works with: the machine, or the root that `--sysroot` names, and the log.
    func context(_ configuration: AgentConfiguration) -> AgentContext {
        let observe = Step.observer()
        return AgentContext(
            facts: .host(sysroot: sysroot), log: .standardError(level: configuration.logLevel), root: sysroot ?? "",
            reached: { step throws(AgentError) in observe(step) })
    }

    func registrations(_ configuration: AgentConfiguration) -> StateDirectory { StateDirectory(configuration.stateDirectory) }
}

/// One JSON document on standard output.
func printDocument(_ body: (inout JSONWriter) -> Void) {
    var writer = JSONWriter()
    writer.object(body)
    print(String(decoding: writer.bytes, as: UTF8.self))
}
