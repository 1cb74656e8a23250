import AgentCore
import Files
import Glibc
import ScratchPad
import StrictJSON

extension CommonOptions {
    /// What a command works with: the machine, or the root that `--sysroot` names, and the log.
    ///
    /// A command that waits gives the pad as long as it waits itself, for each call.
    func context(_ configuration: AgentConfiguration, timeout: Duration? = nil) -> AgentContext {
        let observe = Step.observer()
        let patience = timeout.map { PadPatience(limit: $0) } ?? PadPatience()
        #if DEBUG
            let medium: @Sendable (String) throws(PadError) -> any PadMedium = { path throws(PadError) in
                WatchedMedium(DirectoryMedium(path: path), reached: observe)
            }
        #else
            let medium = AgentContext.directory
        #endif
        var context = AgentContext(
            facts: .host(sysroot: sysroot), log: .standardError(level: configuration.logLevel), root: sysroot ?? "", medium: medium,
            patience: patience,
            reached: { step throws(AgentError) in observe(step) })
        context.heardWithin = max(configuration.interval, configuration.freeSpaceInterval)
        return context
    }

    func registrations(_ configuration: AgentConfiguration) -> StateDirectory { StateDirectory(configuration.stateDirectory) }
}

/// One JSON document on standard output.
func printDocument(_ body: (inout JSONWriter) -> Void) throws(AgentError) {
    var writer = JSONWriter()
    writer.object(body)
    try printBytes(writer.bytes + [UInt8(ascii: "\n")])
}

/// A line on standard output. Throws `.output` where it is full or closed: a command that could not say what it found out has failed.
func printLine(_ text: String) throws(AgentError) { try printBytes(Array((text + "\n").utf8)) }

func printBytes(_ bytes: [UInt8]) throws(AgentError) {
    do throws(FileError) {
        try FileDescriptor(owning: fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3), path: "standard output").writeAll(bytes)
    } catch {
        throw .output(error)
    }
}
