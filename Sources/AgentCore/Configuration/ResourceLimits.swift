import CLinux
import Files
import Glibc

/// What the daemon allows itself, whatever the service manager does: it is never what a host's own work waits for.
package struct ResourceLimits: Equatable, Sendable {
    /// ioprio_set(2).
    package enum InputOutput: String, Sendable, CaseIterable {
        /// Only when nobody else wants the disk.
        case idle
        /// Best effort, last.
        case low
        /// As the system gives it.
        case normal
    }

    /// Resident bytes beyond which the daemon gives back what it can, and then ends with 75, for the service manager to start it anew: all that
    /// counts is on disk.
    package var memoryBytes = 256 << 20
    /// nice(2).
    package var nice = 10
    package var inputOutput = InputOutput.idle

    package init() {}

    /// What holds in a process of these limits after `later` ones: what was lowered does not rise again.
    func narrowed(by later: ResourceLimits) -> ResourceLimits {
        var limits = later
        limits.memoryBytes = min(memoryBytes, later.memoryBytes)
        limits.nice = max(nice, later.nice)
        if later.inputOutput == .normal { limits.inputOutput = inputOutput }
        return limits
    }

    /// The keys whose limits are wider than in `earlier`.
    func keysForNextStart(since earlier: ResourceLimits) -> [String] {
        var keys: [String] = []
        if memoryBytes > earlier.memoryBytes { keys.append("memory") }
        if nice < earlier.nice { keys.append("nice") }
        if inputOutput == .normal, earlier.inputOutput != .normal { keys.append("io-priority") }
        return keys
    }

    /// Throws `.memory` where a process has more bytes resident than it may have; nil is not known.
    package func check(resident bytes: Int?) throws(AgentError) {
        guard let bytes, bytes > memoryBytes else { return }
        throw .memory(bytes: bytes, limit: memoryBytes)
    }

    /// Sets them for this process. Priorities are only ever lowered; a limit that is narrower already stays. Returns what the system refused, in words.
    package func apply() -> [String] {
        var refused: [String] = []
        errno = 0
        let present = getpriority(Int32(PRIO_PROCESS.rawValue), 0)
        if nice > present, setpriority(Int32(PRIO_PROCESS.rawValue), 0, Int32(nice)) != 0 {
            refused.append("nice: \(FileError.text(of: errno))")
        }
        let result =
            switch inputOutput {
            case .idle: quartermaster_set_io_priority(3, 0)
            case .low: quartermaster_set_io_priority(2, 7)
            case .normal: Int32(0)
            }
        if result != 0 { refused.append("I/O priority: \(FileError.text(of: errno))") }
        // A core would hold the host's keys.
        if let text = Self.lower(RLIMIT_CORE, to: 0) { refused.append("core size: \(text)") }
        // Behind the check of `Memory`, for what grows too quickly for it: twice as much, and the stacks of the threads that wait for slow file
        // systems, which count whole.
        if let text = Self.lower(RLIMIT_DATA, to: UInt(memoryBytes * 2 + (1 << 30))) { refused.append("data size: \(text)") }
        return refused
    }

    private static func lower(_ resource: __rlimit_resource, to bytes: UInt) -> String? {
        var limit = rlimit()
        guard getrlimit(Int32(resource.rawValue), &limit) == 0 else { return FileError.text(of: errno) }
        guard limit.rlim_cur > bytes else { return nil }
        limit.rlim_cur = bytes
        return setrlimit(Int32(resource.rawValue), &limit) == 0 ? nil : FileError.text(of: errno)
    }
}

/// What this process has in memory.
package enum Memory {
    /// Resident bytes (proc(5), statm); nil where /proc does not say.
    package static func resident() -> Int? {
        do throws(FileError) {
            let bytes = try FileDescriptor(opening: "/proc/self/statm", flags: O_RDONLY).readAll(limit: 256)
            let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
            return fields.count > 1 ? Int(fields[1]).map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) } : nil
        } catch {
            return nil
        }
    }
}
