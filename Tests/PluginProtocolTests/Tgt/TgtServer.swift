import Foundation
import Glibc
import TestPrograms

/// A tgtd of a test's own, on a loopback address and a control port that nobody else has; gone with its scope.
struct TgtServer {
    let controlPort: Int
    let address: String
    let directory: String
    private let process: ChildProcess

    enum Failure: Error { case missing, notStarted(String) }

    /// Nil where this machine has no tgtd: a visible skip, but a failure where CI is set.
    static var isMissing: Bool {
        let has = ["/usr/sbin/tgtd", "/usr/sbin/tgtadm"].allSatisfy { FileManager.default.isExecutableFile(atPath: $0) } && geteuid() == 0
        return !has && ProcessInfo.processInfo.environment["CI"] != "true"
    }

    static func withServer(_ body: (TgtServer) async throws -> Void) async throws {
        let server = try start()
        do {
            try await body(server)
            server.end()
        } catch {
            server.end()
            throw error
        }
    }

    private static func start() throws -> TgtServer {
        let directory = NSTemporaryDirectory() + "quartermaster-tgt-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let controlPort = Int.random(in: 2000...30000)
        let address = "127.0.0.\(Int.random(in: 2...250)):\(Int.random(in: 20000...32000))"
        let process = try ChildProcess(
            "/usr/sbin/tgtd", ["-f", "-C", "\(controlPort)", "-t", "1", "--iscsi", "portal=\(address)"])
        let server = TgtServer(controlPort: controlPort, address: address, directory: directory, process: process)
        let end = ContinuousClock.now + .seconds(120)
        while (try? server.tgtadm("--mode", "sys", "--op", "show")) == nil {
            guard process.isRunning, ContinuousClock.now < end else {
                server.end()
                throw Failure.notStarted("tgtd on \(address), control port \(controlPort)")
            }
            usleep(20_000)
        }
        return server
    }

    @discardableResult
    func tgtadm(_ arguments: String...) throws -> String {
        let run = try ChildProcess.run("/usr/sbin/tgtadm", ["-C", "\(controlPort)", "--lld", "iscsi"] + arguments)
        let text = String(decoding: run.output, as: UTF8.self)
        guard run.status == 0 else { throw Failure.notStarted("tgtadm \(arguments.joined(separator: " ")): \(text)") }
        return text
    }

    /// A target with one unit of `size` bytes.
    func makeTarget(_ number: Int, _ name: String, size: UInt64 = 16 << 20) throws {
        let path = "\(directory)/\(name.split(separator: ":").last ?? "x")"
        guard FileManager.default.createFile(atPath: path, contents: nil) else { throw Failure.notStarted("no file at \(path)") }
        try FileHandle(forWritingTo: URL(fileURLWithPath: path)).truncate(atOffset: size)
        try tgtadm("--mode", "target", "--op", "new", "--tid", "\(number)", "-T", name)
        try tgtadm("--mode", "logicalunit", "--op", "new", "--tid", "\(number)", "--lun", "1", "-b", path)
    }

    /// tgtd ignores SIGTERM: its targets are deleted and it is asked to end; what does not is killed.
    private func end() {
        for number in 1...9 { _ = try? tgtadm("--mode", "target", "--op", "delete", "--force", "--tid", "\(number)") }
        _ = try? tgtadm("--mode", "system", "--op", "delete")
        let end = ContinuousClock.now + .seconds(60)
        while process.isRunning, ContinuousClock.now < end { usleep(20_000) }
        process.send(SIGKILL)
        process.waitUntilExit()
        for name in ["socket.\(controlPort)", "socket.\(controlPort).lock"] { unlink("/var/run/tgtd/\(name)") }
        try? FileManager.default.removeItem(atPath: directory)
    }
}
