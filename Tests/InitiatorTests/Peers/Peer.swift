import CLinux
import Files
import Glibc
import ISCSI
import Identifiers
import TestPrograms
import Testing

@testable import Initiator

/// Real peers on loopback: whether this machine has them, and what they need.
enum Peer {
    /// True where a program is missing that this machine may do without: a visible skip, but a failure where CI is set.
    static func isMissing(_ programs: String...) -> Bool {
        let has = geteuid() == 0 && programs.allSatisfy { access($0, X_OK) == 0 }
        return !has && getenv("CI").map { String(cString: $0) } != "true"
    }

    enum Failure: Error { case notStarted(String) }

    static func temporaryDirectory() throws -> String {
        var path = Array("/tmp/quartermaster-peer-XXXXXX".utf8CString)
        guard mkdtemp(&path) != nil else { throw FileError.system(operation: "make", path: "a directory", errno: errno) }
        return String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func remove(_ directory: String) { _ = try? ChildProcess.run("/bin/rm", ["-rf", directory]) }

    /// An address of 127.0.0.0/8 that no other test has, but by a rare chance.
    static func address() -> String { "127.\(Int.random(in: 100...250)).\(Int.random(in: 1...250)).\(Int.random(in: 2...250))" }

    /// Until `body` is true; throws at the deadline.
    static func wait(_ what: String, until body: () throws -> Bool) throws {
        let end = ContinuousClock.now + .seconds(120)
        while try !body() {
            guard ContinuousClock.now < end else { throw Failure.notStarted(what) }
            usleep(20_000)
        }
    }

    static func listens(_ address: SocketAddress) -> Bool {
        guard case .underWay(let descriptor) = ConnectionSocket.open(address, by: nil) else { return false }
        defer { close(descriptor) }
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&waiting, 1, 1_000)
        return ConnectionSocket.outcome(descriptor) == 0
    }

    /// Discovers with patience, whatever else this machine does.
    static func discover(
        initiator: String = "iqn.2026-11.lab.example:host", _ fill: (inout DiscoveryRequest) throws -> Void
    ) throws -> DiscoveryReport {
        var request = DiscoveryRequest(
            initiator: InitiatorIdentity(name: try #require(ISCSIName(initiator)), spelling: initiator))
        request.limits.conversation = .seconds(120)
        request.limits.connect = .seconds(120)
        try fill(&request)
        return try Discovery.run(request)
    }
}
