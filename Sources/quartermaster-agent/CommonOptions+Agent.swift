import AgentCore
import ArgumentParser
import CLinux
import Files
import Glibc
import HostFacts
import ScratchPad
import StrictJSON

extension CommonOptions {
    /// What a command works with: the machine, or the root that `--sysroot` names, and the log.
    ///
    /// A command that waits gives the pad as long as it waits itself, for each call. `known` is what was read before root's rights were given up.
    func context(_ configuration: AgentConfiguration, timeout: Duration? = nil, known: PrivilegedFacts? = nil) -> AgentContext {
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
            facts: .host(sysroot: sysroot, known: known), log: .standardError(level: configuration.logLevel), root: sysroot ?? "",
            medium: medium,
            patience: patience,
            reached: { step throws(AgentError) in observe(step) })
        // Root needs no helper; a helper that the configuration names is asked all the same.
        if namesHelper(configuration) || sysroot == nil && geteuid() != 0 && known == nil {
            let client = PrivilegedClient(socketPath: configuration.helperSocket, observations: context.observations)
            let cache = PrivilegedFactsCache(client: client, log: context.log)
            (context.privileged, context.privilegedFacts) = (client, cache)
            context.facts = .host(sysroot: sysroot, privileged: cache)
        }
        context.heardWithin = max(configuration.interval, configuration.freeSpaceInterval)
        return context
    }

    private func namesHelper(_ configuration: AgentConfiguration) -> Bool {
        configuration.helperSocket != AgentConfiguration().helperSocket
    }

    /// What only root can read, for a command that is about to act as somebody else: the helper may not be there yet. Nil where this is not root, and
    /// where the configuration names a helper.
    func factsOfRoot(_ configuration: AgentConfiguration) throws(AgentError) -> PrivilegedFacts? {
        guard geteuid() == 0, !namesHelper(configuration) else { return nil }
        return try FactsSource.readAsRoot(sysroot: sysroot)
    }

    /// From here on with the rights of the state directory's owner, where root runs this: pad and state then see one user, whoever works on them,
    /// and what is read from a pad is not read by root. Secrets and terminals are opened before. Nothing where there is no state yet.
    func actAsOwner(_ configuration: AgentConfiguration) throws(AgentError) {
        var status = stat()
        guard geteuid() == 0, stat(configuration.stateDirectory, &status) == 0, status.st_uid != 0 else { return }
        guard quartermaster_become(status.st_uid, status.st_gid) == 0 else {
            throw .file(.system(operation: "act as the owner of", path: configuration.stateDirectory, errno: errno))
        }
    }

    func registrations(_ configuration: AgentConfiguration) -> StateDirectory { StateDirectory(configuration.stateDirectory) }
}

/// Throws where an option's number is none of those that `allowed` names.
func checkNumber(_ option: String, _ number: Int?, in range: ClosedRange<Int>, _ allowed: String) throws {
    if let number, !range.contains(number) { throw ValidationError("\(option) is \(allowed), not \(number).") }
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
