import Files
import Glibc
import HostFacts
import ScratchPad
import StrictJSON
import Testing

@testable import AgentCore

@Suite struct PrivilegedRequestTests {
    private let server = PrivilegedServer(
        user: "nobody", configurationPath: "/nonexistent/agent.conf", root: "", log: Log(level: .error, hasPrefixes: false) { _ in })

    @Test(arguments: [
        PrivilegedRequest.facts, .registrationSecret, .removeRegistrationSecret,
        .scan(SignedOrder(authority: [1], certificate: [2, 3], signed: [UInt8](repeating: 7, count: 1_000))),
    ])
    func `a request reads back as itself`(request: PrivilegedRequest) throws {
        #expect(try PrivilegedRequest(json: JSONFields(JSONValue.parse(request.jsonBytes))) == request)
    }

    @Test(arguments: [
        "", "{", "[]", "null", "{}", "{\"request\":null}", "{\"request\":7}", "{\"request\":\"shell\"}",
        "{\"request\":\"facts\",\"root\":\"/tmp\"}",
        "{\"request\":\"facts\",\"request\":\"facts\"}", "{\"request\":\"facts\"} ", "{\"request\":\"facts\"}{}", "{\"request\":\"scan\"}",
        "{\"request\":\"scan\",\"order\":{}}",
        "{\"request\":\"scan\",\"order\":{\"authority\":\"AA==\",\"certificate\":\"AA==\",\"signed\":\"A\"}}",
        "{\"request\":\"scan\",\"order\":{\"authority\":\"AA==\",\"certificate\":\"AA==\",\"signed\":\"AA==\",\"path\":\"/\"}}",
        "{\"request\":\"scan\",\"order\":[[[[[[[[]]]]]]]]}", "{\"request\":\"\\ud800\"}",
        "{\"request\":\"registration-secret\",\"path\":\"/etc/shadow\"}",
    ])
    func `what is no request is refused, and nothing is done`(text: String) {
        let isRequest = text == "{\"request\":\"facts\"} "
        #expect(server.answer(to: Array(text.utf8)).outcome == (isRequest ? .done : .refused), "\(text)")
    }

    @Test func `an order that is no signed instruction is refused with what is wrong`() {
        let request = PrivilegedRequest.scan(SignedOrder(authority: [0x30, 0], certificate: [1], signed: [2]))
        let answer = server.answer(to: request.jsonBytes)
        #expect(answer.outcome == .refused)
        #expect(answer.detail?.hasPrefix("the order cannot be read: ") == true)
    }

    /// Both ends of a connection.
    private func pair(patience: Duration) throws -> (PrivilegedConnection, FileDescriptor) {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        return (
            try PrivilegedConnection(FileDescriptor(owning: ends[0], path: "socket"), patience: patience),
            FileDescriptor(owning: ends[1], path: "other")
        )
    }

    @Test func `a frame arrives whole, and the peer is known`() throws {
        let (connection, other) = try pair(patience: .seconds(60))
        try connection.send(Array("hello".utf8))
        let back = try PrivilegedConnection(other, patience: .seconds(60))
        #expect(try back.receive(limit: 5) == Array("hello".utf8))
        #expect(try back.peer() == geteuid())
    }

    @Test func `a frame that is announced too long is refused before anything of it is read`() throws {
        let (connection, other) = try pair(patience: .seconds(60))
        try other.writeAll([0x7F, 0xFF, 0xFF, 0xFF])
        #expect(throws: FileError.tooLarge(path: "what was sent to socket", limit: 1_000)) { try connection.receive(limit: 1_000) }
    }

    @Test func `a frame that is broken off is an error, and one that does not come ends at the deadline`() throws {
        do {
            let (connection, other) = try pair(patience: .seconds(60))
            try other.writeAll([0, 0, 0, 9, 1, 2])
            _ = consume other
            #expect(throws: FileError.system(operation: "read all of a frame from", path: "socket", errno: EPIPE)) {
                try connection.receive(limit: 100)
            }
        }
        let (connection, other) = try pair(patience: .milliseconds(20))
        try other.writeAll([0, 0, 0, 9, 1])
        #expect(throws: FileError.system(operation: "wait for", path: "socket", errno: ETIMEDOUT)) { try connection.receive(limit: 100) }
        withExtendedLifetime(other) {}
    }

    /// Wants this process to end, or something else of it.
    private func stop(_ ends: (FileDescriptor, FileDescriptor), isWanted: Bool) throws -> PadPatience.Stop {
        try ends.1.writeAll([1])
        return PadPatience.Stop(descriptor: ends.0.number) { isWanted }
    }

    private func ends() throws -> (FileDescriptor, FileDescriptor) {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        return (FileDescriptor(owning: ends[0], path: "signals"), FileDescriptor(owning: ends[1], path: "whoever signals"))
    }

    @Test func `whoever wants this process to end does not wait for a helper that does not answer`() throws {
        let signals = try ends()
        for isWanted in [true, false] {
            var (connection, other) = try pair(patience: isWanted ? .seconds(3_600) : .milliseconds(20))
            connection.stop = try stop(signals, isWanted: isWanted)
            #expect(throws: FileError.system(operation: "wait for", path: "socket", errno: isWanted ? ECANCELED : ETIMEDOUT)) {
                try connection.receive(limit: 100)
            }
            withExtendedLifetime(other) {}
        }
    }

    @Test func `what cannot be read because the daemon ends is no change of the host`() throws {
        let signals = try ends()
        let cache = PrivilegedFactsCache(
            client: PrivilegedClient(socketPath: "/nonexistent/helper.socket", observations: Observations()),
            log: Log(level: .error, hasPrefixes: false) { _ in })
        #expect(try cache.facts() == nil)
        cache.heed(try stop(signals, isWanted: true))
        cache.retry()
        #expect(throws: AgentError.self) { try cache.facts() }
    }

    @Test func `a helper that did not answer is asked again in the next round, not in this one`() throws {
        let observations = Observations()
        let cache = PrivilegedFactsCache(
            client: PrivilegedClient(socketPath: "/nonexistent/helper.socket", observations: observations),
            log: Log(level: .error, hasPrefixes: false) { _ in })
        #expect(try cache.facts() == nil)
        observations.set(helper: .unused)
        cache.invalidate()
        #expect(try cache.facts() == nil)
        #expect(observations.helper == .unused)
        cache.retry()
        #expect(try cache.facts() == nil)
        #expect(observations.helper != .unused)
    }

    @Test func `a user who may not ask is told so, whatever is asked`() throws {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        let (mine, other) = (FileDescriptor(owning: ends[0], path: "helper"), FileDescriptor(owning: ends[1], path: "daemon"))
        let daemon = try PrivilegedConnection(other, patience: .seconds(60))
        try daemon.send(PrivilegedRequest.facts.jsonBytes)
        // Root may; anybody else than the named user may not.
        try server.serve(mine)
        let answer = try PrivilegedAnswer(json: JSONFields(JSONValue.parse(daemon.receive(limit: 1 << 20))))
        #expect(answer.outcome == (geteuid() == 0 ? .done : .refused))
    }

    @Test func `a missing helper is an error that says what to do, and is remembered`() {
        let observations = Observations()
        let client = PrivilegedClient(socketPath: "/nonexistent/helper.socket", observations: observations)
        let reason = "cannot connect to /nonexistent/helper.socket: No such file or directory"
        #expect(throws: AgentError.helper(reason: reason)) { try client.ask(.facts) }
        #expect(observations.helper == .missing(reason: reason))
        #expect("\(AgentError.helper(reason: reason))".contains("systemctl enable --now quartermaster-agent-helper.socket"))
        #expect(AgentError.helper(reason: reason).exitStatus == .unavailable)
    }
}
