import Identifiers
import Messages
import PadSimulation
import Provider
import ScratchPad
import Sealing
import Store
import TestSupport

/// One history of hosts, a pad and intake, told by a seed: hosts send, crash and publish again; the file system loses, tears and reorders what
/// was not forced out, and refuses calls; intake is ended at any of its durable steps and starts again. In the end the faults stop, everybody
/// gets the time to finish, and the invariants must hold:
///
/// - every message that a host kept was answered, always by the same answer;
/// - what was answered `received` was applied once, and what was not, never;
/// - a registration that was accepted has its host, one for each machine.
struct SimulatedExchange {
    struct Violation: Error, CustomStringConvertible {
        let seed: UInt64
        let what: String
        var description: String { "seed \(seed): \(what); replay with SEED=\(seed)" }
    }

    /// A host's memory that survives its crashes.
    private struct Host {
        var simulated: SimulatedHost
        var machine: Int
        /// Kept, and not answered yet.
        var outbox: [Message] = []
        /// Every message that was kept, with the IDs and words of all its answers.
        var sent: [MessageID: Message] = [:]
        var answers: [MessageID: [MessageID: String]] = [:]
        var isRegistered = false
        /// As it was sealed once.
        var sealed: [MessageID: [UInt8]] = [:]
        var handled: Set<PadName> = []
    }

    let seed: UInt64
    private var random: SplitMix64
    private let fixture: ControllerFixture
    private let customer: ControllerFixture.Customer
    private let storage: SimulatedStorage
    private let pad: ControllerFixture.TestPad
    private let controller: FaultyController
    private var hosts: [Host] = []
    private var tally = Tally()

    /// On a pad of its own in `fixture`, which other seeds have used before.
    static func run(seed: UInt64, in fixture: ControllerFixture, _ customer: ControllerFixture.Customer) async throws -> Tally {
        var simulation = try await SimulatedExchange(seed: seed, fixture, customer)
        try await simulation.faultyRounds()
        try await simulation.quietRounds()
        try await simulation.check()
        await fixture.intake.removePad(simulation.pad.id)
        let pad = simulation.pad.id
        try await fixture.store.write { _ = try $0.retirePad(pad, by: .provider("test")) }
        simulation.tally.add(simulation.storage.met)
        return simulation.tally
    }

    private init(seed: UInt64, _ fixture: ControllerFixture, _ customer: ControllerFixture.Customer) async throws {
        self.seed = seed
        self.fixture = fixture
        self.customer = customer
        random = SplitMix64(seed: seed)
        storage = SimulatedStorage(seed: seed)
        storage.setClock(fixture.clock.now)
        pad = try await fixture.pad(of: customer, medium: storage.medium(for: 0))
        controller = FaultyController(fixture: fixture, pad: pad, storage: storage)
        try storage.medium(for: 0).synchronize(nil)
        for number in 1...2 {
            var own = pad
            own.medium = storage.medium(for: number)
            hosts.append(
                Host(
                    simulated: try fixture.host(
                        on: own, name: "host\(number)", machineID: "seed\(seed)-machine\(number)",
                        initiators: ["iqn.2026-11.com.example:seed\(seed).\(number)"]), machine: number))
        }
    }

    // MARK: Rounds

    private mutating func faultyRounds() async throws {
        var faults = SimulatedStorage.Faults()
        faults.inputOutput = Int.random(in: 0...20, using: &random)
        faults.forcing = Int.random(in: 0...20, using: &random)
        faults.space = Int.random(in: 0...20, using: &random)
        for machine in 0...hosts.count { storage.setFaults(faults, for: machine) }
        for _ in 0..<8 {
            tick(.seconds(Int.random(in: 1...40, using: &random)))
            for index in hosts.indices where Int.random(in: 0..<3, using: &random) > 0 { act(index) }
            if Int.random(in: 0..<4, using: &random) > 0 { try await controller.act(&random, &tally) }
        }
    }

    private mutating func quietRounds() async throws {
        for machine in 0...hosts.count {
            storage.setFaults(SimulatedStorage.Faults(), for: machine)
            storage.restart(machine)
        }
        try await controller.restart(fuse: nil)
        for round in 0..<12 {
            tick(.seconds(61))
            for index in hosts.indices { act(index, mayCrash: false, mayStart: round == 0) }
            try await fixture.pass()
            for index in hosts.indices { read(index) }
            if hosts.allSatisfy({ $0.outbox.isEmpty }) { return }
        }
    }

    private func tick(_ duration: Duration) {
        fixture.clock.advance(by: duration)
        storage.setClock(fixture.clock.now)
    }

    // MARK: Hosts

    /// Keeps what is to be said, publishes what is unanswered, reads answers; crashes anywhere in between.
    private mutating func act(_ index: Int, mayCrash: Bool = true, mayStart: Bool = true) {
        let machine = hosts[index].machine
        if mayCrash, Int.random(in: 0..<4, using: &random) == 0 {
            storage.crash(machine, afterCalls: Int.random(in: 1...12, using: &random))
        }
        if mayStart, hosts[index].outbox.count < 3 { start(index) }
        for message in hosts[index].outbox where !mayCrash || Bool.random(using: &random) { publish(message, index) }
        read(index)
        guard storage.isCrashed(machine) else { return }
        tally[.hostCrashes] += 1
        storage.restart(machine)
    }

    private mutating func start(_ index: Int) {
        do {
            let body: MessageBody
            if !hosts[index].isRegistered {
                guard hosts[index].outbox.isEmpty else { return }
                body = try hosts[index].simulated.registration(customer)
            } else {
                body = .event(
                    HostEvent(event: "simulated", subject: "\(MessageID.random())", detail: nil, happenedAt: fixture.clock.now))
            }
            // Kept before it is published: the same message comes again until it is answered.
            let message = try hosts[index].simulated.message(body)
            hosts[index].sealed[message.envelope.messageID] = try hosts[index].simulated.sealed(message)
            hosts[index].outbox.append(message)
            hosts[index].sent[message.envelope.messageID] = message
        } catch {
            // The header could not be read now: nothing is said in this round.
        }
    }

    private func publish(_ message: Message, _ index: Int) {
        do {
            let host = hosts[index].simulated
            try host.publish(hosts[index].sealed[message.envelope.messageID] ?? host.sealed(message), sequence: message.envelope.sequence)
        } catch {
            // Not published: it comes again.
        }
    }

    private mutating func read(_ index: Int) {
        do {
            for (name, envelope, reply) in try hosts[index].simulated.intactReplies(except: hosts[index].handled) {
                hosts[index].handled.insert(name)
                guard hosts[index].sent[reply.inReplyTo] != nil else { continue }
                // To a copy that was read when the answer had been acknowledged.
                if hosts[index].answers[reply.inReplyTo] != nil, case .resync = reply.outcome { continue }
                hosts[index].answers[reply.inReplyTo, default: [:]][envelope.messageID] = reply.outcome.word
                hosts[index].outbox.removeAll { $0.envelope.messageID == reply.inReplyTo }
                if case .accepted(let acceptance) = reply.outcome, !hosts[index].isRegistered {
                    hosts[index].isRegistered = true
                    try hosts[index].simulated.accept(acceptance)
                }
                let acknowledgement = try hosts[index].simulated.message(
                    .acknowledgement(Acknowledgement(of: envelope.messageID, outcome: .received)))
                publish(acknowledgement, index)
            }
        } catch {
            // Crashed, or the pad cannot be read now.
        }
    }

    // MARK: Invariants

    private mutating func check() async throws {
        let events = try await fixture.audit(of: customer.accountID)
        let known = try await fixture.store.read { [customer] in
            try $0.hosts(within: .account(customer.accountID), PageRequest(limit: 1_000))
        }
        for host in hosts {
            for (id, message) in host.sent {
                guard let answers = host.answers[id] else {
                    throw Violation(seed: seed, what: "\(message.body.kind) \(id) was never answered")
                }
                guard answers.count == 1, let word = answers.values.first else {
                    throw Violation(seed: seed, what: "\(message.body.kind) \(id) was answered \(answers.count) times: \(answers)")
                }
                try check(message, word, host, events)
            }
            let records = known.elements.filter { $0.machineID == host.simulated.machineID }
            guard records.count == (host.isRegistered ? 1 : 0) else {
                throw Violation(seed: seed, what: "\(host.simulated.name) has \(records.count) records")
            }
        }
    }

    private mutating func check(_ message: Message, _ word: String, _ host: Host, _ events: [AuditEvent]) throws {
        switch message.body {
        case .event(let event):
            let count = events.count { $0.action == "host.event" && $0.detail.contains(event.subject) }
            tally[.events] += count
            guard count == (word == "received" ? 1 : 0) else {
                throw Violation(seed: seed, what: "event \(message.envelope.messageID) was answered \(word) and applied \(count) times")
            }
        case .registration:
            let count = events.count {
                $0.action == "host.register" && $0.outcome == .done && $0.detail.contains("\(host.simulated.key.fingerprint)")
            }
            tally[.registrations] += count
            guard word == "accepted", count == 1 else {
                throw Violation(seed: seed, what: "registration of \(host.simulated.name) was answered \(word) and applied \(count) times")
            }
        default: break
        }
    }
}
