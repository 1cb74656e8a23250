import AgentCore
import Foundation
import Identifiers
import Inventory
import Messages
import PadSimulation
import Provider
import ScratchPad
import Sealing
import Synchronization
import TestSupport

/// A host in a history that runs the agent's own code: the daemon's rounds and the commands, over real state files and a pad that fails.
///
/// A crash ends it after any durable step, or at any call on the pad. Each file of the state directory is replaced whole and durable, so what a
/// crash within a replacement leaves is what a crash before or after it leaves, and a temporary file, whole or cut: one is planted.
struct SimulatedAgent {
    let machine: SimulatedStorage.Machine
    let stateDirectory: StateDirectory
    let host: Machine
    private var context: AgentContext
    private let customer: ControllerFixture.Customer
    private let pad: ControllerFixture.TestPad
    private let controllerKey: Fingerprint
    private let storage: SimulatedStorage
    /// The daemon that runs now.
    private var rounds: Rounds?
    private var changes = 0
    /// Every message that was ever kept, by kind.
    private(set) var kept: [MessageKind: Set<MessageID>] = [:]

    /// What code outside the history's own thread of control could share: the host's facts and clocks, and when it breaks off.
    final class Machine: Sendable {
        struct State {
            var facts: Inventory
            var uptime = Duration.seconds(1_000)
            /// Added to the controller's clock.
            var skew = Duration.zero
            /// Further durable steps until the crash.
            var stepsLeft: Int?
            /// Further durable steps until one of them is said to have failed.
            var faultIn: Int?
            var isCrashed = false
            var faults = 0
        }
        let state: Mutex<State>
        init(_ facts: Inventory) { state = Mutex(State(facts: facts)) }

        /// At a durable step.
        func reached(_ step: Step) throws(AgentError) {
            let error: AgentError? = state.withLock { state in
                if let left = state.stepsLeft {
                    state.stepsLeft = left - 1
                    if left <= 1 { state.isCrashed = true }
                }
                if state.isCrashed { return .interrupted(step: step.rawValue) }
                guard let left = state.faultIn else { return nil }
                state.faultIn = left > 1 ? left - 1 : nil
                guard left <= 1 else { return nil }
                state.faults += 1
                // As where the directory could not be forced out: the file is there, and nobody may rely on it.
                return .file(.system(operation: "fsync", path: "state", errno: EIO))
            }
            if let error { throw error }
        }
    }

    init(
        _ number: Int, seed: UInt64, on pad: ControllerFixture.TestPad, of customer: ControllerFixture.Customer,
        _ fixture: ControllerFixture,
        _ storage: SimulatedStorage
    ) {
        machine = number
        (self.pad, self.customer, self.storage) = (pad, customer, storage)
        controllerKey = fixture.keys.fingerprint
        stateDirectory = StateDirectory("\(fixture.directory.path)/agents/\(seed)-\(number)/state")
        let host = Machine(Self.facts(seed, number, changes: 0))
        self.host = host
        let clock = fixture.clock
        context = AgentContext(
            clock: HostClock(
                now: { clock.now + host.state.withLock { $0.skew } }, uptime: { host.state.withLock { $0.uptime } },
                pause: { pause in host.state.withLock { $0.uptime += pause } }),
            facts: FactsSource { level in host.state.withLock { $0.facts }.limited(to: level) },
            log: Log(level: .error, hasPrefixes: false) { _ in }, root: stateDirectory.path + "/none",
            medium: { [storage] _ throws(PadError) in storage.medium(for: number) },
            reached: { step throws(AgentError) in try host.reached(step) })
    }

    private static func facts(_ seed: UInt64, _ number: Int, changes: Int) -> Inventory {
        let count = String(repeating: "0", count: 3 - String(changes).count) + String(changes)
        let iqn = InitiatorName("iqn.2026-11.com.example:seed\(seed).\(number).\(count)")
        var initiators: [Inventory.Initiator] = []
        if case .iqn(let name)? = iqn { initiators.append(Inventory.Initiator(transport: .iscsi, iqn: name)) }
        return Inventory(
            host: Inventory.Host(hostName: "host\(number)", machineID: "agents\(seed)-machine\(number)"), initiators: initiators,
            blockDevices: (0...changes).map { Inventory.BlockDevice(name: "sd\($0)", kind: "disk") },
            fileSystems: [
                Inventory.FileSystem(
                    mountPoint: "/", type: "ext4", source: "/dev/sd0", sizeBytes: 1 << 30,
                    availableBytes: Int64(1 << 29) - Int64(changes << 25))
            ])
    }

    var machineID: String { facts.host.machineID ?? "" }
    var facts: Inventory { host.state.withLock { $0.facts } }

    /// The initiator gets another name, and there is one more disk.
    mutating func changeFacts(_ seed: UInt64) {
        changes += 1
        let facts = Self.facts(seed, machine, changes: changes)
        host.state.withLock { $0.facts = facts }
    }

    // MARK: Its state

    func registration() throws(AgentError) -> RegistrationDirectory? { try stateDirectory.registrations().first }
    func state() throws(AgentError) -> RegistrationState? { try registration()?.load() }

    /// Told all, answered all, and nothing under way.
    func isAtRest() throws(AgentError) -> Bool {
        guard let state = try state() else { return false }
        return state.phase == .registered && state.outbox.isEmpty && state.nextKey == nil && state.obstacle == nil
            && state.told.inventory == facts.limited(to: .storage).digest.description
            && state.handled.entries.allSatisfy { $0.outcome != nil && $0.acknowledgedAt != nil }
    }

    /// What keeps it from rest, in words.
    func summary() throws(AgentError) -> String {
        guard let state = try state() else { return "it has no state" }
        let waiting = state.outbox.map { "\($0.kind.rawValue) \($0.attempts)x" }
        let open = state.handled.entries.filter { $0.acknowledgedAt == nil || $0.outcome == nil }
        return """
            \(state.phase.rawValue), unanswered \(waiting), obstacle \(state.obstacle?.reason ?? "none"), unacknowledged \(open), \
            next key \(state.nextKey != nil), told all \(state.told.inventory == facts.limited(to: .storage).digest.description), \
            \(state.counters), pad \(state.padTrouble?.text ?? "in order")
            """
    }

    /// Never registered, or refused for good.
    func needsAdministrator() throws(AgentError) -> Bool {
        guard let state = try state() else { return true }
        if state.isUnderway(.registration) { return false }
        return state.phase == .refused || state.phase == .registering || state.obstacle.map { $0.retryAt == nil } == true
    }

    // MARK: What it does

    /// `register`, without waiting.
    mutating func register() throws(AgentError) {
        defer { note() }
        let request = Enrolment.Request(
            pad: pad.record.directory,
            customer: AgentCore.Customer(
                accountID: customer.accountID, domain: customer.domain, user: customer.user, level: 3, cluster: nil),
            trust: .pinned(controllerKey))
        try Enrolment(stateDirectory: stateDirectory, context: context).send(
            request, credential: .password(user: customer.user, password: Array(ControllerFixture.password.utf8)))
    }

    /// What is due in the daemon.
    mutating func work() throws(AgentError) {
        defer { note() }
        if rounds == nil {
            var configuration = AgentConfiguration()
            configuration.interval = .seconds(10)
            var rounds = Rounds(stateDirectory: stateDirectory, configuration: configuration, context: context)
            try rounds.begin()
            self.rounds = rounds
        }
        rounds?.work()
    }

    /// `report`, without waiting.
    mutating func report() throws(AgentError) {
        defer { note() }
        guard let registration = try registration() else { return }
        let result = SingleReport(context: context, timeout: nil).run(registration)
        if let error = result.error { throw error }
    }

    private mutating func note() {
        // A directory that is being made has no state yet; what was kept in it is seen the next time.
        guard let state = try? state() else { return }
        for message in state.outbox { kept[message.kind, default: []].insert(message.messageID) }
    }

    func pass(_ time: Duration) { host.state.withLock { $0.uptime += time } }

    // MARK: What goes wrong

    var isCrashed: Bool { host.state.withLock { $0.isCrashed } || storage.isCrashed(machine) }

    /// It comes back with what was durable, and what an interrupted replacement left.
    mutating func restart(_ random: inout SplitMix64) throws(AgentError) {
        rounds = nil
        context.leftOvers = LeftOvers()
        storage.restart(machine)
        host.state.withLock { ($0.isCrashed, $0.stepsLeft, $0.faultIn) = (false, nil, nil) }
        guard let directory = try registration() else { return }
        let bytes = try directory.read(RegistrationDirectory.stateFile)
        let cut = Int.random(in: 0...bytes.count, using: &random)
        try directory.write(".state.json.1.\(random.next() % 1000).tmp", Array(bytes[..<cut]))
    }

    /// The state directory as it is now, for `restore`.
    func takeSnapshot() throws {
        try FileManager.default.copyItem(atPath: stateDirectory.path, toPath: stateDirectory.path + ".snapshot")
    }

    /// The machine goes back to its snapshot; its clock does not.
    mutating func restoreSnapshot() throws {
        rounds = nil
        context.leftOvers = LeftOvers()
        storage.restart(machine)
        try FileManager.default.removeItem(atPath: stateDirectory.path)
        try FileManager.default.moveItem(atPath: stateDirectory.path + ".snapshot", toPath: stateDirectory.path)
    }

    /// This host's key, with the certificate that the controller issued: for a traitor.
    func signer() throws -> Signer? {
        guard let directory = try registration(), let state = try directory.load(), let der = state.membership?.certificates.first else {
            return nil
        }
        let key = try PrivateKey(pem: directory.readKey(state.key.file))
        let certificate = try Certificate(der: der)
        return certificate.publicKey == key.publicKey ? try Signer(key: key, certificate: certificate) : nil
    }
}
