import Files
import Glibc
import Identifiers
import Inventory
import Messages
import ScratchPad
import Sealing
import Synchronization
import Testing

@testable import AgentCore

/// A host with a state directory of its own, and a controller on a pad, in one directory that goes with the scope. Time is a number that
/// pausing moves on; the controller looks at its pad in every pause.
final class TestHost {
    let directory: String
    let controller: TestController
    let clock: ManualClock
    var facts: Inventory {
        get { inventory.value.withLock { $0 } }
        set { inventory.value.withLock { $0 = newValue } }
    }
    private let inventory: Box<Inventory>
    let lines = Box<[String]>([])
    /// Breaks off at the step with this number, counted from 1; 0 never does.
    let breakAt = Box(0)
    let steps = Box<[Step]>([])
    private let isFull = Box(false)
    let listings = Box(0)
    private(set) var context: AgentContext

    var padDirectory: String { "\(directory)/pad" }
    var stateDirectory: StateDirectory { StateDirectory("\(directory)/state") }
    var enrolment: Enrolment { Enrolment(stateDirectory: stateDirectory, context: context) }
    var account: AccountID { get throws { try #require(AccountID("account-1")) } }

    static func with(now: Timestamp = Timestamp(seconds: 1_800_000_000), _ body: (TestHost) throws -> Void) throws {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        let directory = "\(parent)/quartermaster-agent-test.\(UInt64.random(in: 0 ... .max))"
        #expect(mkdir(directory, 0o700) == 0)
        defer { removeTree(directory) }
        try body(TestHost(directory, now: now))
    }

    private init(_ directory: String, now: Timestamp) throws {
        clock = ManualClock(now: now)
        self.directory = directory
        mkdir("\(directory)/pad", 0o755)
        controller = try TestController(pad: "\(directory)/pad", keys: "\(directory)/keys", now: clock.now)
        var host = Inventory.Host()
        host.hostName = "db1"
        host.machineID = "0123456789abcdef0123456789abcdef"
        inventory = Box(Inventory(host: host))
        let (clock, inventory, lines, breakAt, steps, isFull, listings) = (clock, inventory, lines, breakAt, steps, isFull, listings)
        context = AgentContext(
            clock: clock.hostClock, facts: FactsSource { level in inventory.value.withLock { $0 }.limited(to: level) },
            log: Log(level: .info, hasPrefixes: false) { line in
                lines.value.withLock { $0.append(String(decoding: line.dropLast(), as: UTF8.self)) }
            },
            root: "\(directory)/root",
            medium: { path throws(PadError) in FullMedium(medium: DirectoryMedium(path: path), isFull: isFull, listings: listings) },
            reached: { step throws(AgentError) in
                let count = steps.value.withLock {
                    $0.append(step)
                    return $0.count
                }
                if count == breakAt.value.withLock({ $0 }) { throw .interrupted(step: step.rawValue) }
            })
        clock.onPause = { [unowned self] in try self.controller.pass(now: self.clock.now) }
    }

    /// The next exchange is another process's.
    func startAgain() { context.leftOvers = LeftOvers() }

    /// Whether the pad's file system has no room.
    func makePadFull(_ isFull: Bool) { self.isFull.value.withLock { $0 = isFull } }

    func request(trust: PadTrust? = nil, level: Int = 3, domain: String? = "production") throws -> Enrolment.Request {
        Enrolment.Request(
            pad: padDirectory, customer: Customer(accountID: try account, domain: domain, user: "alice", level: level, cluster: nil),
            trust: trust ?? .pinned(controller.fingerprint))
    }

    static func password(_ text: String) -> Registration.Credential { .password(user: "alice", password: Array(text.utf8)) }

    /// Sends and waits.
    @discardableResult
    func register(password: String = "correct", timeout: Duration = .seconds(10)) throws -> Enrolment.Outcome {
        try enrolment.send(request(), credential: Self.password(password))
        return try enrolment.wait(pad: padDirectory, account: account, timeout: timeout)
    }

    func registration() throws -> RegistrationDirectory {
        try #require(try stateDirectory.registration(pad: padDirectory, account: account))
    }

    func state() throws -> RegistrationState { try #require(try registration().load()) }

    /// A report of what changed, and all answers to it.
    @discardableResult
    func report(timeout: Duration? = .seconds(10)) throws -> SingleReport.Result {
        let result = SingleReport(context: context, timeout: timeout).run(try registration())
        if let error = result.error { throw error }
        return result
    }

    /// Lets both sides look until nothing changes any more.
    func settle() throws {
        var seen = SeenFiles()
        for _ in 0..<6 {
            try controller.pass(now: clock.now)
            clock.advance(.seconds(11))
            try look(&seen)
        }
    }

    /// The host alone: reads what is there, and publishes what is due.
    func look(_ seen: inout SeenFiles) throws {
        guard var exchange = try Exchange(registration(), context: context) else { return }
        try exchange.connect()
        try exchange.receive(&seen)
        try exchange.publishDue()
    }

    static func removeTree(_ path: String) {
        guard let directory = try? FileDescriptor(directory: path) else {
            unlink(path)
            return
        }
        for name in (try? directory.names()) ?? [] {
            if unlinkat(directory.number, name, 0) != 0 { removeTree("\(path)/\(name)") }
        }
        rmdir(path)
    }
}

/// A value that `@Sendable` closures share.
final class Box<Value: Sendable>: Sendable {
    let value: Mutex<Value>
    init(_ value: Value) { self.value = Mutex(value) }
}

/// Time that a test moves. Unchecked: one test uses it, on one thread.
final class ManualClock: @unchecked Sendable {
    private(set) var now: Timestamp
    private(set) var uptime = Duration.seconds(1_000)
    var onPause: () throws -> Void = {}

    init(now: Timestamp) { self.now = now }

    func advance(_ duration: Duration) {
        now = now + duration
        uptime += duration
    }

    /// The wall clock alone.
    func set(_ time: Timestamp) { now = time }

    var hostClock: HostClock {
        HostClock(
            now: { self.now }, uptime: { self.uptime },
            pause: { duration in
                self.advance(duration)
                do { try self.onPause() } catch { Issue.record(error) }
            })
    }
}
