import CLinux
import Files
import Glibc
import TestPrograms
import Testing

@testable import AgentCore

/// The built `quartermaster-agent`, run on a test host's directories while its controller looks at the pad.
struct Program {
    struct Result {
        var status: Int32
        /// Nil where it ended by itself.
        var signal: Int32?
        var output: [UInt8]
        var errors: String
    }

    let path: String
    private let host: TestHost

    init(_ host: TestHost) throws {
        self.host = host
        path = try #require(ChildProcess.built("quartermaster-agent"), "quartermaster-agent was not built beside the tests")
    }

    /// Runs a command to its end.
    func run(_ arguments: [String], environment: [String] = [], output: String? = nil) throws -> Result {
        let process = try start(arguments, environment: environment, configuration: "\(host.directory)/empty.conf", output: output)
        defer { process.kill() }
        return try process.wait(controller: host.controller)
    }

    /// With a terminal as its standard input and error where there is one.
    func start(
        _ arguments: [String], environment: [String], configuration: String, terminal: Terminal? = nil, output place: String? = nil
    ) throws -> RunningProgram {
        let name = "\(host.directory)/program.\(UInt32.random(in: 0 ... .max))"
        let input = try terminal?.programEnd ?? FileDescriptor(opening: "/dev/null", flags: O_RDONLY)
        let output = try FileDescriptor(opening: place ?? "\(name).out", flags: O_WRONLY | O_CREAT, mode: 0o600)
        if place != nil { try replaceFile("\(name).out", with: []) }
        let errorFile = try FileDescriptor(opening: "\(name).err", flags: O_WRONLY | O_CREAT, mode: 0o600)
        let errors = terminal?.programEnd ?? errorFile
        let common = ["--state-directory", host.stateDirectory.path, "--sysroot", "\(host.directory)/root", "--config", configuration]
        let isCommand = arguments.first != "bogus"
        var vector = ([path] + arguments + (isCommand ? common : [])).map { strdup($0) } + [nil]
        // As systemd sets it where standard error is the journal's stream.
        let status = try errorFile.status()
        let environment = environment.map { $0 == "JOURNAL_STREAM=own" ? "JOURNAL_STREAM=\(status.st_dev):\(status.st_ino)" : $0 }
        var variables = (["PATH=/usr/bin:/bin"] + environment).map { strdup($0) } + [nil]
        defer { for pointer in vector + variables { free(pointer) } }
        var process: Int32 = 0
        let result = quartermaster_spawn(path, &vector, &variables, input.number, output.number, errors.number, 0, &process)
        try #require(result == 0, "\(path) could not be started: \(FileError.text(of: result))")
        return RunningProgram(process: process, outputFile: "\(name).out", errorFile: "\(name).err")
    }
}

/// A process that was started, until it was waited for.
final class RunningProgram {
    private var process: Int32
    private let outputFile: String
    private let errorFile: String

    init(process: Int32, outputFile: String, errorFile: String) {
        self.process = process
        self.outputFile = outputFile
        self.errorFile = errorFile
    }

    var number: Int32 { process }
    /// What it said so far.
    var messages: String { String(decoding: (try? readFile(errorFile)) ?? [], as: UTF8.self) }

    func send(_ signal: Int32) { if process > 0 { Glibc.kill(process, signal) } }

    /// How many it has now.
    var threads: Int { get throws { try FileDescriptor(directory: "/proc/\(process)/task").names().count } }

    /// The most that it had in memory so far, in bytes (proc(5), VmHWM).
    var peakMemory: Int? {
        let status = String(decoding: (try? readFile("/proc/\(process)/status")) ?? [], as: UTF8.self)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).compactMap { Int($0) }.first.map { $0 << 10 }
    }

    /// Until it ends, with the controller looking meanwhile; at most a minute, unless the test has more patience.
    func wait(controller: TestController, patience: Duration = .seconds(60)) throws -> Program.Result {
        let end = HostClock.system.uptime() + patience
        var status: Int32 = 0
        while waitpid(process, &status, WNOHANG) == 0 {
            try controller.pass(now: HostClock.system.now())
            try #require(HostClock.system.uptime() < end, "the program did not end in time")
            HostClock.system.pause(.milliseconds(10))
        }
        process = 0
        let signal = status & 0x7F
        return Program.Result(
            status: signal == 0 ? status >> 8 & 0xFF : -1, signal: signal == 0 ? nil : signal, output: try readFile(outputFile),
            errors: String(decoding: try readFile(errorFile), as: UTF8.self))
    }

    /// Until `isDone`, with the controller looking meanwhile; false where that took more than two minutes, or the program ended.
    func wait(controller: TestController, until isDone: () throws -> Bool) throws -> Bool {
        let end = HostClock.system.uptime() + .seconds(120)
        while HostClock.system.uptime() < end {
            try controller.pass(now: HostClock.system.now())
            if try isDone() { return true }
            if process > 0, Glibc.kill(process, 0) != 0 { return false }
            HostClock.system.pause(.milliseconds(20))
        }
        return false
    }

    /// Ends it, where it has not ended.
    func kill() {
        guard process > 0 else { return }
        Glibc.kill(process, SIGKILL)
        waitpid(process, nil, 0)
        process = 0
    }
}

/// A service manager's end of NOTIFY_SOCKET.
final class DatagramSocket {
    private let file: FileDescriptor

    init(_ path: String) throws {
        let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        try #require(number >= 0)
        file = FileDescriptor(owning: number, path: path)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        try #require(result == 0)
    }

    /// The next datagram; nil where none came within a minute.
    func next() -> [UInt8]? {
        var descriptor = pollfd(fd: file.number, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, 60_000) == 1 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(file.number, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer[..<count]) : nil
    }

    /// False where no such line came within a minute. Each datagram is looked at once.
    func wait(for line: String) throws -> Bool {
        while true {
            var descriptor = pollfd(fd: file.number, events: Int16(POLLIN), revents: 0)
            guard poll(&descriptor, 1, 60_000) == 1 else { return false }
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = recv(file.number, &buffer, buffer.count, 0)
            if count > 0, String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n").contains(where: { $0 == line }) {
                return true
            }
        }
    }
}
