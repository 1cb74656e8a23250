import Glibc
import TestPrograms

@testable import Initiator

/// A tgtd of a test's own on loopback addresses and a control port that nobody else has; gone with its scope.
struct TgtPeer {
    let addresses: [String]
    let controlPort = Int.random(in: 2000...30000)
    private let process: ChildProcess

    static var isMissing: Bool { Peer.isMissing("/usr/sbin/tgtd", "/usr/sbin/tgtadm") }

    static func with(portals: Int = 1, _ body: (TgtPeer) throws -> Void) throws {
        let peer = try TgtPeer(portals: portals)
        defer { peer.end() }
        let end = ContinuousClock.now + .seconds(120)
        while (try? peer.tgtadm("--mode", "sys", "--op", "show")) == nil {
            guard peer.process.isRunning, ContinuousClock.now < end else { throw Peer.Failure.notStarted("tgtd on \(peer.addresses)") }
            usleep(20_000)
        }
        try body(peer)
    }

    private init(portals: Int) throws {
        addresses = (0..<portals).map { _ in Peer.address() }
        let list = addresses.map { "portal=\($0):3260" }.joined(separator: ",")
        process = try ChildProcess("/usr/sbin/tgtd", ["-f", "-C", "\(controlPort)", "-t", "1", "--iscsi", list])
    }

    @discardableResult
    func tgtadm(_ arguments: String...) throws -> String {
        let run = try ChildProcess.run("/usr/sbin/tgtadm", ["-C", "\(controlPort)", "--lld", "iscsi"] + arguments)
        let text = String(decoding: run.output, as: UTF8.self)
        guard run.status == 0 else { throw Peer.Failure.notStarted("tgtadm \(arguments.joined(separator: " ")): \(text)") }
        return text
    }

    /// A target that all may see, unless the caller says who may.
    func makeTarget(_ number: Int, _ name: String, isOpen: Bool = true) throws {
        try tgtadm("--mode", "target", "--op", "new", "--tid", "\(number)", "--targetname", name)
        if isOpen { try allow(number, address: "ALL") }
    }

    func allow(_ number: Int, address: String) throws {
        try tgtadm("--mode", "target", "--op", "bind", "--tid", "\(number)", "--initiator-address", address)
    }

    func allow(_ number: Int, name: String) throws {
        try tgtadm("--mode", "target", "--op", "bind", "--tid", "\(number)", "--initiator-name", name)
    }

    func wantCHAP(_ number: Int, user: String, secret: String) throws {
        try tgtadm("--mode", "account", "--op", "new", "--user", user, "--password", secret)
        try tgtadm("--mode", "account", "--op", "bind", "--tid", "\(number)", "--user", user)
    }

    /// tgtd ignores SIGTERM.
    private func end() {
        process.send(SIGKILL)
        process.waitUntilExit()
        for name in ["socket.\(controlPort)", "socket.\(controlPort).lock"] { unlink("/var/run/tgtd/\(name)") }
    }
}
