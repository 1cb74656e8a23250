import Files
import Glibc
import TestPrograms
import Testing

@testable import Initiator

/// A host in a folder, on which the built program runs.
struct WizardHost {
    let root: String
    let address: String
    private let service = LocalListener.iscsid

    init(root: String, address: String) throws {
        (self.root, self.address) = (root, address)
        for directory in ["etc/iscsi/nodes", "proc", "sys", "run/lock/iscsi", "state"] { try makeDirectories("\(root)/\(directory)") }
        try replaceFile("\(root)/etc/iscsi/initiatorname.iscsi", with: Array("InitiatorName=iqn.2026-11.lab.example:host\n".utf8))
        try replaceFile("\(root)/empty.conf", with: [])
    }

    /// With `iscsiadm`, that script stands where the machine's own is, for this process alone; `mounts` is run by a shell before, likewise for it alone.
    func start(
        _ arguments: [String], terminal: Terminal? = nil, input: FileDescriptor? = nil, iscsiadm: String? = nil, mounts: String = ":"
    ) throws -> ChildProcess {
        let path = try #require(ChildProcess.built("quartermaster-agent"), "quartermaster-agent was not built beside the tests")
        let common = ["--sysroot", root, "--state-directory", "\(root)/state", "--config", "\(root)/empty.conf"]
        let output = try terminal?.programEnd ?? FileDescriptor(opening: "\(root)/output", flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        let errors = try terminal?.programEnd ?? FileDescriptor(opening: "\(root)/errors", flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        let alone = ["-m", "sh", "-c", "\(mounts) && " + #"mount --bind "$0" /usr/sbin/iscsiadm && exec "$@""#]
        return try ChildProcess(
            iscsiadm == nil ? path : "/usr/bin/unshare",
            (iscsiadm.map { alone + [$0, path] } ?? []) + ["iscsi"] + arguments + common, environment: ["PATH": "/usr/sbin:/usr/bin:/bin"],
            input: terminal?.programEnd ?? input,
            output: output, errors: errors)
    }

    /// To its end, with `input` as the lines of its standard input.
    func run(_ arguments: [String], input: [String] = []) throws -> (status: Int32, output: String, errors: String) {
        try replaceFile("\(root)/input", with: Array(input.map { $0 + "\n" }.joined().utf8))
        let process = try start(arguments, input: FileDescriptor(opening: "\(root)/input", flags: O_RDONLY))
        defer { process.send(SIGKILL) }
        try Peer.wait("the end of iscsi \(arguments.joined(separator: " "))") { !process.isRunning }
        return (
            process.wasKilled ? -1 : process.terminationStatus, String(decoding: try readFile("\(root)/output"), as: UTF8.self),
            String(decoding: try readFile("\(root)/errors"), as: UTF8.self)
        )
    }
}

/// Listens where iscsid does, so that the service counts as running. Where somebody else does so already, that one is as good.
private final class LocalListener: Sendable {
    /// One for all tests, to their end: a second one would not be there any more when the first has gone.
    static let iscsid = LocalListener(InitiatorService.socket)

    private let descriptor: Int32

    init(_ name: String) {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name.utf8.prefix($0.count)) }
        let size = socklen_t(MemoryLayout<sa_family_t>.size + name.utf8.count)
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
        }
        if isBound == 0 { listen(descriptor, SOMAXCONN) }
    }

    deinit { close(descriptor) }
}
