import CLinux
import Dispatch
import Files
import Glibc
import Synchronization

/// A program that a test runs. Foundation's `Process` is none to build on: up to Swift 6.3 it reads past the end of a directory buffer while it
/// looks for open descriptors, and the tests crash once in some hundred starts (swift-corelibs-foundation, pull request 5472).
package final class ChildProcess: Sendable {
    package let processIdentifier: Int32
    /// What waitpid(2) said of it, once it has.
    private let status = Mutex<Int32?>(nil)

    /// Starts the program at `path` in a process group of its own; it is killed where the tests end before it. What is not given is /dev/null;
    /// without an environment it has ours.
    package init(
        _ path: String, _ arguments: [String], environment: [String: String]? = nil, input: FileDescriptor? = nil,
        output: FileDescriptor? = nil, errors: FileDescriptor? = nil
    ) throws {
        let null = try FileDescriptor(opening: "/dev/null", flags: O_RDWR)
        let variables = environment.map { $0.map { "\($0)=\($1)" } } ?? Self.ownEnvironment()
        let descriptors = [input ?? null, output ?? null, errors ?? null]
        let (error, process) = Launcher.shared.run {
            var vector = ([path] + arguments).map { strdup($0) } + [nil]
            var settings = variables.map { strdup($0) } + [nil]
            defer { for text in vector + settings { free(text) } }
            var process: Int32 = 0
            let error = quartermaster_spawn(
                path, &vector, &settings, descriptors[0].number, descriptors[1].number, descriptors[2].number, SIGKILL, &process)
            return (error, process)
        }
        guard error == 0 else { throw FileError.system(operation: "start", path: path, errno: error) }
        processIdentifier = process
    }

    private static func ownEnvironment() -> [String] {
        var result: [String] = []
        var next = environ
        while let entry = next.pointee {
            result.append(String(cString: entry))
            next += 1
        }
        return result
    }

    package var isRunning: Bool {
        status.withLock { known in
            guard known == nil else { return false }
            var found: Int32 = 0
            guard waitpid(processIdentifier, &found, WNOHANG) == processIdentifier else { return true }
            known = found
            return false
        }
    }

    /// Blocks this thread until the program has ended.
    package func waitUntilExit() {
        while isRunning {
            // Without taking its status away: others may wait too.
            var information = siginfo_t()
            waitid(P_PID, id_t(processIdentifier), &information, WEXITED | WNOWAIT)
        }
    }

    /// Asks it to end (SIGTERM), where it runs.
    package func terminate() { send(SIGTERM) }

    /// Nothing where it has ended: its number may be another's by now.
    package func send(_ signal: Int32) {
        if isRunning { kill(processIdentifier, signal) }
    }

    /// Of one that has ended: its exit code, or the signal that ended it.
    package var terminationStatus: Int32 { ended & 0x7F == 0 ? ended >> 8 & 0xFF : ended & 0x7F }

    /// Whether a signal ended it.
    package var wasKilled: Bool { ended & 0x7F != 0 }

    private var ended: Int32 { status.withLock { $0 } ?? 0 }
}

extension ChildProcess {
    /// Runs a program to its end: its status, and what it wrote on standard output and, unless they are left out, errors.
    package static func run(
        _ path: String, _ arguments: [String], environment: [String: String]? = nil, withErrors: Bool = true
    ) throws -> (status: Int32, output: [UInt8]) {
        var ends: [Int32] = [0, 0]
        guard quartermaster_pipe(&ends) == 0 else { throw FileError.system(operation: "make a pipe for", path: path, errno: errno) }
        let reading = FileDescriptor(owning: ends[0], path: "the output of \(path)")
        let process = try start(path, arguments, environment, FileDescriptor(owning: ends[1], path: reading.path), withErrors)
        let output = try reading.readAll(limit: 64 << 20)
        process.waitUntilExit()
        return (process.terminationStatus, output)
    }

    /// The writing end is closed here when this returns.
    private static func start(
        _ path: String, _ arguments: [String], _ environment: [String: String]?, _ output: FileDescriptor, _ withErrors: Bool
    ) throws -> ChildProcess {
        try ChildProcess(path, arguments, environment: environment, output: output, errors: withErrors ? output : nil)
    }
}

/// The thread that starts programs, and lives as long as the tests: the kernel tells a program of the end of the thread that started it.
private final class Launcher: Sendable {
    static let shared = Launcher()

    private let jobs = Mutex<[@Sendable () -> Void]>([])
    private let wakes = DispatchSemaphore(value: 0)

    private init() {
        var thread = pthread_t()
        // Never released: the thread never ends.
        let me = Unmanaged.passRetained(self).toOpaque()
        let error = pthread_create(&thread, nil, { Launcher.serve($0) }, me)
        precondition(error == 0, "no thread to start programs on: error \(error)")
    }

    private static func serve(_ launcher: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let launcher else { return nil }
        let me = Unmanaged<Launcher>.fromOpaque(launcher).takeUnretainedValue()
        while true {
            me.wakes.wait()
            me.jobs.withLock { $0.removeFirst() }()
        }
    }

    func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) -> Value {
        let outcome = Outcome<Value>()
        jobs.withLock { jobs in
            jobs.append {
                let value = body()
                outcome.value.withLock { $0 = value }
                outcome.isThere.signal()
            }
        }
        wakes.signal()
        outcome.isThere.wait()
        guard let value = outcome.value.withLock({ $0 }) else { preconditionFailure("the job was done") }
        return value
    }

    private final class Outcome<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
        let isThere = DispatchSemaphore(value: 0)
    }
}
