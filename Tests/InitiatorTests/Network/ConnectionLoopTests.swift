import CLinux
import Glibc
import ISCSI
import Testing

@testable import Initiator

/// Asks `hello` and takes a line, of at most 16 bytes, for the answer.
struct LineConversation: Conversation {
    private var line: [UInt8] = []

    mutating func begin(_ output: inout [UInt8]) -> Turn<String> {
        output += Array("hello\n".utf8)
        return .more
    }

    mutating func receive(_ input: UnsafeRawBufferPointer, _ output: inout [UInt8]) -> Turn<String> {
        line += input
        if let end = line.firstIndex(of: 0x0A) { return .done(String(decoding: line[..<end], as: UTF8.self)) }
        return line.count > 16 ? .failed(.tooMuch(of: "bytes of a line", limit: 16)) : .more
    }

    mutating func ended() -> Turn<String> { .failed(.ended(during: .text)) }
}

/// Connects to a list of addresses, and writes down what became of each.
struct ListClient: ConnectionClient {
    var addresses: [SocketAddress]
    var isGuess = false
    var says = true
    var ends: [String] = []
    var interface: NetworkInterface?
    /// So many were open at a time at most.
    var inFlight = 0
    var mostInFlight = 0

    mutating func next(now: Int64) -> ConnectionRequest<Int>? {
        guard !addresses.isEmpty else { return nil }
        inFlight += 1
        mostInFlight = max(mostInFlight, inFlight)
        return ConnectionRequest(addresses.removeFirst(), interface: interface, isGuess: isGuess, errand: addresses.count)
    }

    mutating func connected(_ errand: inout Int, local: SocketAddress?) -> LineConversation? { says ? LineConversation() : nil }

    mutating func ended(_ errand: Int, _ end: ConnectionEnd<LineConversation>) {
        inFlight -= 1
        switch end {
        case .answered(let line): ends.append("answered \(line)")
        case .connected: ends.append("connected")
        case .failed(let fault, _): ends.append("failed: \(fault)")
        case .unreachable(let errno): ends.append("unreachable \(errno)")
        case .silent: ends.append("silent")
        case .timedOut: ends.append("timed out")
        case .brokenOff: ends.append("broken off")
        }
    }

    mutating func pause(now: Int64) -> ConnectionPause { ConnectionPause() }
}

@Suite struct ConnectionLoopTests {
    private func run(
        _ client: ListClient, limits: ScanLimits = ScanLimits(), interrupt: Int32? = nil
    ) throws -> (ListClient, ConnectionLoop<ListClient>.End) {
        var loop = try ConnectionLoop(client: client, limits: limits, interrupt: interrupt)
        let end = try loop.run()
        return (loop.client, end)
    }

    @Test(arguments: [
        (TestListener.Behaviour.say(Array("well\n".utf8)), "answered well"), (.drip(Array("in pieces\n".utf8)), "answered in pieces"),
        (.say(Array("half an ans".utf8)), "failed: the connection ended during text"), (.close, "failed: the connection ended during text"),
        (.reset, "failed: the connection ended during text"), (.flood, "failed: more than 16 bytes of a line"),
        (.silence, "timed out"),
    ])
    func aConversationEndsAsItsPeerLetsIt(behaviour: TestListener.Behaviour, expected: String) throws {
        var limits = ScanLimits()
        // What is not silence comes long before, however loaded the machine is.
        limits.conversation = if case .silence = behaviour { .milliseconds(50) } else { .seconds(120) }
        try TestListener.with(behaviour) { listener in
            let (client, end) = try run(ListClient(addresses: [listener.address]), limits: limits)
            #expect(client.ends == [expected])
            #expect(end == .finished)
        }
    }

    @Test func whereNobodyListensTheConnectionIsRefused() throws {
        let listener = try TestListener(.close)
        listener.end()
        let (client, _) = try run(ListClient(addresses: [listener.address]))
        #expect(client.ends == ["unreachable \(ECONNREFUSED)"])
    }

    @Test func aConnectionOverWhichNothingIsSaidIsEnough() throws {
        try TestListener.with(.silence) { listener in
            var client = ListClient(addresses: [listener.address])
            client.says = false
            let ended = try run(client).0.ends
            #expect(ended == ["connected"])
        }
    }

    @Test func manyAddressesAreTriedAndNoMoreThanAllowedAtATime() throws {
        try TestListener.with(.say(Array("here\n".utf8))) { listener in
            let range = try AddressRange(parsing: "127.0.0.0/22")
            var limits = ScanLimits()
            limits.inFlight = 50
            limits.conversation = .seconds(120)
            limits.scan = .seconds(120)
            var client = ListClient(addresses: (0..<range.count).map { SocketAddress(range[$0], port: listener.address.port) })
            client.isGuess = true
            let (after, end) = try run(client, limits: limits)
            #expect(end == .finished)
            #expect(after.ends.count == 1024)
            #expect(after.ends.filter { $0 == "answered here" }.count == 1)
            #expect(after.mostInFlight <= 50)
            #expect(after.inFlight == 0)
        }
    }

    @Test func theWholeHasADeadline() throws {
        try TestListener.with(.silence) { listener in
            var limits = ScanLimits()
            limits.whole = .milliseconds(50)
            let (client, end) = try run(ListClient(addresses: [listener.address, listener.address]), limits: limits)
            #expect(end == .outOfTime)
            #expect(client.ends == ["broken off", "broken off"])
        }
    }

    @Test func anInterruptEndsEverything() throws {
        try TestListener.with(.silence) { listener in
            let interrupt = quartermaster_eventfd()
            defer { close(interrupt) }
            var one: UInt64 = 1
            #expect(write(interrupt, &one, 8) == 8)
            let (client, end) = try run(ListClient(addresses: [listener.address]), interrupt: interrupt)
            #expect(end == .interrupted)
            #expect(client.ends == ["broken off"])
        }
    }

    @Test func descriptorsAreGivenBack() throws {
        try TestListener.with(.say(Array("a\n".utf8))) { listener in
            _ = try run(ListClient(addresses: Array(repeating: listener.address, count: 20)))
            let before = try openDescriptors()
            _ = try run(ListClient(addresses: Array(repeating: listener.address, count: 200)))
            // Other tests open and close some meanwhile; two hundred would be seen.
            let after = try openDescriptors()
            #expect(after < before + 150)
        }
    }

    @Test func anInterfaceIsGoneOutBy() throws {
        try TestListener.with(.say(Array("a\n".utf8))) { listener in
            var client = ListClient(addresses: [listener.address])
            client.interface = NetworkInterface.all().first { $0.isLoopback }
            let ended = try run(client).0.ends
            #expect(ended == ["answered a"])
            client.interface = NetworkInterface(name: "none-such")
            let endedElsewhere = try run(client).0.ends
            #expect(endedElsewhere != ["answered a"])
        }
    }

    private func openDescriptors() throws -> Int {
        let directory = try #require(opendir("/proc/self/fd"))
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        return count
    }
}
