import CLinux
import Files
import Glibc

/// A started plug-in process: three pipes and a descriptor that tells its end. Owned by one thread.
struct PluginChild: ~Copyable {
    let process: pid_t
    /// Becomes readable when the process ends.
    let end: FileDescriptor
    /// Nil once closed.
    var input: FileDescriptor?
    let output: FileDescriptor
    let log: FileDescriptor

    /// Starts `path` in a process group of its own, with a clean environment, and no descriptor of ours but the three.
    ///
    /// The kernel kills it when the calling thread ends, which reaps it before that: it never outlives us, even where we are killed and it is
    /// stopped or does not look at its input.
    init(path: String, arguments: [String] = []) throws(PluginCallError) {
        func failed(_ number: Int32) -> PluginCallError { .cannotStart(path: path, errno: number) }
        let input = try Self.pipe(failed)
        let output = try Self.pipe(failed)
        let log = try Self.pipe(failed)

        var started: pid_t = 0
        let result = Self.withCStrings([path] + arguments) { arguments in
            Self.withCStrings(Self.environment) { environment in
                quartermaster_spawn(
                    path, arguments, environment, input.read.number, output.write.number, log.write.number, SIGKILL, &started)
            }
        }
        guard result == 0 else { throw failed(result) }
        let number = quartermaster_pidfd_open(started)
        guard number >= 0 else {
            let reason = errno
            kill(-started, SIGKILL)
            waitpid(started, nil, 0)
            throw failed(reason)
        }
        for descriptor in [input.write, output.read, log.read] {
            // Pipes can always be made non-blocking.
            _ = fcntl(descriptor.number, F_SETFL, fcntl(descriptor.number, F_GETFL) | O_NONBLOCK)
        }
        process = started
        end = FileDescriptor(owning: number, path: "process \(started)")
        self.input = input.write
        self.output = output.read
        self.log = log.read
    }

    /// Kills what is left of the process group. The process itself is not yet reaped, so the group's number is still its own.
    func killGroup() { kill(-process, SIGKILL) }

    /// Waits for the process, which has ended or was killed; how it ended, for people.
    consuming func reap() -> String {
        let status = reapStatus()
        return status < 128 ? "it exited with status \(status)" : "signal \(status - 128) ended it"
    }

    /// The exit status, or 128 and the number of the signal that ended it.
    consuming func reapStatus() -> Int32 {
        var information = siginfo_t()
        // WNOWAIT first: while the process is a zombie its number cannot be reused, so that the rest of its group can be killed safely.
        while waitid(P_PID, id_t(process), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        killGroup()
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? status >> 8 & 0xFF : 128 + signal
    }

    /// Nothing of ours: a fixed search path, and a locale that every system has.
    private static let environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"]

    private static func pipe(
        _ failed: (Int32) -> PluginCallError
    ) throws(PluginCallError) -> (read: FileDescriptor, write: FileDescriptor) {
        var ends: [Int32] = [-1, -1]
        guard quartermaster_pipe(&ends) == 0 else { throw failed(errno) }
        return (FileDescriptor(owning: ends[0], path: "pipe"), FileDescriptor(owning: ends[1], path: "pipe"))
    }

    private static func withCStrings<Result>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        // The buffer of a non-empty array has a base address.
        return pointers.withUnsafeBufferPointer { body($0.baseAddress!) }
    }
}
