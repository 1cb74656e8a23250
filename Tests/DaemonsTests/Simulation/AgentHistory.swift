import AgentCore
import Daemons
import Identifiers
import Messages
import PadSimulation
import Provider
import ScratchPad
import Store
import TestSupport

/// One history of two hosts that run the agent's own code, told by a seed. Hosts and controller crash at any durable step, the pad loses, tears
/// and reorders; besides, as the seed has it, clocks step, keys rotate, a host goes back to a snapshot, and a neighbour with all rights on the pad
/// replays, removes, swaps and forges. Then the faults stop, an administrator registers again whom the controller refuses for good, and:
///
/// - every host is registered, has told all and is answered all, and the controller has its facts;
/// - each message of a host was applied at most once, and exactly once where no snapshot took its memory;
/// - each instruction has one word of the host; nothing came of what was forged;
/// - a fork is found where a snapshot was restored, and nowhere else.
struct AgentHistory {
    let seed: UInt64
    private var random: SplitMix64
    private let fixture: ControllerFixture
    private let customer: ControllerFixture.Customer
    private let storage: SimulatedStorage
    private let controller: FaultyController
    private var agents: [SimulatedAgent] = []
    private var neighbour: HostileNeighbour?
    private var tally = Tally()
    private var instructions: [InstructionRecord] = []
    /// What this seed has besides crashes.
    private let hasClockSteps: Bool, hasRotations: Bool
    /// Which host goes back, taken in one round and restored in another.
    private let snapshot: (agent: Int, taken: Int, restored: Int)?
    private var isSnapshotTaken = false
    private var wentBack: Set<Int> = []
    private var controllerSkew = Duration.zero

    static func run(seed: UInt64, in fixture: ControllerFixture, _ customer: ControllerFixture.Customer) async throws -> Tally {
        var history = try await AgentHistory(seed: seed, fixture, customer)
        try await history.faultyRounds()
        try await history.quietRounds()
        try await history.check()
        let pad = history.controller.pad.id
        await fixture.intake.removePad(pad)
        try await fixture.store.write { _ = try $0.retirePad(pad, by: .provider("test")) }
        history.tally.add(history.storage.met)
        for agent in history.agents { history.tally[.stateFaults] += agent.host.state.withLock { $0.faults } }
        return history.tally
    }

    private init(seed: UInt64, _ fixture: ControllerFixture, _ customer: ControllerFixture.Customer) async throws {
        self.seed = seed
        self.fixture = fixture
        self.customer = customer
        // Another history than the protocol's own simulation has for this seed.
        random = SplitMix64(seed: seed ^ 0xA6E4_7000_0000_0000)
        storage = SimulatedStorage(seed: seed)
        storage.setClock(fixture.clock.now)
        let pad = try await fixture.pad(of: customer, medium: storage.medium(for: 0))
        controller = FaultyController(fixture: fixture, pad: pad, storage: storage)
        try storage.medium(for: 0).synchronize(nil)
        for number in 1...2 { agents.append(SimulatedAgent(number, seed: seed, on: pad, of: customer, fixture, storage)) }
        neighbour = Bool.random(using: &random) ? HostileNeighbour(storage, controllerKey: fixture.keys.fingerprint) : nil
        hasClockSteps = Bool.random(using: &random)
        hasRotations = Bool.random(using: &random)
        snapshot =
            Int.random(in: 0..<3, using: &random) == 0
            ? (Int.random(in: 0...1, using: &random), Int.random(in: 3...5, using: &random), Int.random(in: 6...9, using: &random)) : nil
    }

    private func violation(_ what: String) -> SimulatedExchange.Violation {
        SimulatedExchange.Violation(seed: seed, what: "agents: \(what)")
    }

    // MARK: Rounds

    private mutating func faultyRounds() async throws {
        var faults = SimulatedStorage.Faults()
        faults.inputOutput = Int.random(in: 0...20, using: &random)
        faults.forcing = Int.random(in: 0...20, using: &random)
        faults.space = Int.random(in: 0...20, using: &random)
        for machine in 0...agents.count { storage.setFaults(faults, for: machine) }
        for round in 0..<12 {
            tick(.seconds(Int.random(in: 1...40, using: &random)))
            if hasClockSteps, Int.random(in: 0..<4, using: &random) == 0 { try await stepAClock() }
            try goBack(round)
            for index in agents.indices where Int.random(in: 0..<4, using: &random) > 0 { try act(index) }
            try await instruct()
            if Int.random(in: 0..<4, using: &random) > 0 { try await controller.act(&random, &tally) }
            guard var hostile = neighbour else { continue }
            for index in agents.indices where Bool.random(using: &random) {
                try hostile.act(against: agents[index], with: agents[1 - index], now: fixture.clock.now, &random, &tally)
            }
            neighbour = hostile
        }
    }

    private mutating func quietRounds() async throws {
        for machine in 0...agents.count { storage.setFaults(SimulatedStorage.Faults(), for: machine) }
        fixture.clock.advance(by: .zero - controllerSkew)
        storage.restart(0)
        try await controller.restart(fuse: nil)
        for index in agents.indices { try agents[index].restart(&random) }
        var unrest: String?
        // Longer than the hour within which the controller publishes again what it has no word about.
        for _ in 0..<90 {
            tick(.seconds(61))
            var isRefused = false
            for index in agents.indices {
                if try agents[index].needsAdministrator() {
                    isRefused = try agents[index].state()?.obstacle != nil
                    if isRefused { tally[.reregistrations] += 1 }
                    try agents[index].register()
                } else {
                    try agents[index].work()
                }
            }
            try await fixture.intake.passNow([controller.pad.id])
            // A host that may be alive is not replaced: the next attempt comes when its old key has been silent for long enough.
            if isRefused { tick(.seconds(3_600)) }
            unrest = try await whatIsUnderWay()
            if unrest == nil { return }
        }
        throw violation("no rest: \(unrest ?? "")")
    }

    /// Nil where everything has come to its end.
    private func whatIsUnderWay() async throws -> String? {
        for agent in agents where try !agent.isAtRest() { return "host \(agent.machine): \(try agent.summary())" }
        let open = try await fixture.store.read { [instructions] transaction in
            try instructions.filter { record in
                guard let state = try transaction.instruction(record.id)?.state(at: transaction.now) else { return true }
                return state == .waiting || state == .delivered
            }
        }
        // What was laid down for a key that a snapshot took away stays until it expires.
        if let record = try open.first(where: { try !isForgotten($0) }) {
            return
                "\(record.instructionID) \(record.body): \(try await fixture.store.read { "\(String(describing: try $0.instruction(record.id)))" })"
        }
        // The last pass may have answered what a neighbour put back.
        for agent in agents {
            guard let key = try agent.state()?.key.fingerprint else { continue }
            let unread = try storage.medium(for: 0).names(in: .replies(key), limit: 10)
            guard unread.isEmpty else { return "answers to host \(agent.machine): \(unread)" }
        }
        let left = try storage.medium(for: 0).names(in: .incoming, limit: 10)
        return left.isEmpty ? nil : "files on the pad: \(left)"
    }

    private func tick(_ duration: Duration) {
        fixture.clock.advance(by: duration)
        storage.setClock(fixture.clock.now)
        for agent in agents { agent.pass(duration) }
    }

    // MARK: What happens

    private mutating func act(_ index: Int) throws {
        let host = agents[index].host
        switch Int.random(in: 0..<8, using: &random) {
        case 0: storage.crash(agents[index].machine, afterCalls: Int.random(in: 1...12, using: &random))
        case 1, 2: host.state.withLock { $0.stepsLeft = Int.random(in: 1...14, using: &random) }
        case 3: host.state.withLock { $0.faultIn = Int.random(in: 1...14, using: &random) }
        default: break
        }
        if Int.random(in: 0..<3, using: &random) == 0 { agents[index].changeFacts(seed) }
        do throws(AgentError) {
            if try agents[index].state() == nil {
                try agents[index].register()
            } else if Int.random(in: 0..<4, using: &random) == 0 {
                try agents[index].report()
            } else {
                try agents[index].work()
            }
        } catch {
            // Told to the administrator; it comes again.
        }
        host.state.withLock { $0.faultIn = nil }
        if agents[index].isCrashed {
            tally[.hostCrashes] += 1
            try agents[index].restart(&random)
        } else {
            // What it was armed with was not reached.
            host.state.withLock { $0.stepsLeft = nil }
        }
    }

    private mutating func instruct() async throws {
        guard Int.random(in: 0..<4, using: &random) == 0, let agent = agents.randomElement(using: &random),
            let host = try agent.state()?.membership?.hostID
        else { return }
        let action: Instruction.Action
        switch Int.random(in: 0..<3, using: &random) {
        case 0: action = .setInterval(seconds: 15)
        case 1: action = .rescan
        default: action = hasRotations ? .rotateKeys : .rescan
        }
        do {
            instructions.append(try await fixture.intake.instruct(host, action, lifetime: .seconds(86_400), by: .provider("test")))
        } catch is InstructionError {
            // Others wait, or the host has no key just now.
        }
        if hasRotations, Int.random(in: 0..<3, using: &random) == 0 {
            do {
                try await fixture.rotateKeys()
                tally[.rotations] += 1
            } catch is PadError {
                // The header is written when the pad is taken up again.
            }
            try await controller.restartAfterCrash(&tally)
        }
    }

    private mutating func stepAClock() async throws {
        tally[.clockSteps] += 1
        let step = Duration.seconds(Int.random(in: -1_800...1_800, using: &random))
        if Int.random(in: 0..<3, using: &random) > 0 {
            guard let agent = agents.randomElement(using: &random) else { return }
            return agent.host.state.withLock { $0.skew = step }
        }
        // The controller's, with a restart, as after a power cut on a machine without a clock of its own.
        fixture.clock.advance(by: step - controllerSkew)
        controllerSkew = step
        storage.setClock(fixture.clock.now)
        storage.restart(0)
        try await controller.restart(fuse: nil)
    }

    private mutating func goBack(_ round: Int) throws {
        guard let snapshot else { return }
        if round == snapshot.taken, try agents[snapshot.agent].state() != nil {
            try agents[snapshot.agent].takeSnapshot()
            isSnapshotTaken = true
        }
        if round == snapshot.restored, isSnapshotTaken {
            try agents[snapshot.agent].restoreSnapshot()
            tally[.snapshots] += 1
            wentBack.insert(snapshot.agent)
        }
    }

    // MARK: Invariants

    private mutating func check() async throws {
        let events = try await fixture.audit(of: customer.accountID)
        let known = try await fixture.store.read { [customer] in
            try $0.hosts(within: .account(customer.accountID), PageRequest(limit: 1_000))
        }
        for (index, agent) in agents.enumerated() {
            guard let state = try agent.state(), let host = state.membership?.hostID else {
                throw violation("host \(index + 1) has no membership")
            }
            let records = known.elements.filter { $0.machineID == agent.machineID }
            guard records.map(\.hostID) == [host] else {
                throw violation("host \(index + 1) is \(host), and has the records \(records.map(\.hostID))")
            }
            let digest = try await fixture.store.read { try $0.inventoryDigest(of: host) }
            guard digest == agent.facts.limited(to: .storage).digest else {
                throw violation("the controller has other facts of host \(index + 1) than it has told")
            }
            tally[.inventories] += agent.kept[.inventory]?.count ?? 0
            try check(agent, host, hasForgotten: wentBack.contains(index), events.filter { $0.subject == host.text })
        }
        try await checkInstructions(events)
    }

    private mutating func check(_ agent: SimulatedAgent, _ host: HostID, hasForgotten: Bool, _ events: [AuditEvent]) throws {
        func count(_ action: String) -> Int { events.count { $0.action == action && $0.outcome == .done } }
        let (registered, told) = (count("host.register"), count("host.event"))
        let (registrations, changes) = (agent.kept[.registration]?.count ?? 0, agent.kept[.event]?.count ?? 0)
        tally[.registrations] += registered
        tally[.events] += told
        guard (1...max(1, registrations)).contains(registered) else {
            throw violation("\(host) registered \(registered) times with \(registrations) messages")
        }
        guard told <= changes, hasForgotten || told == changes else {
            throw violation("\(host) told \(changes) events, and \(told) were applied")
        }
        guard
            !events.contains(where: {
                ($0.action == "host.event" || $0.action == "host.unregister") && $0.detail.contains(HostileNeighbour.mark)
            })
        else { throw violation("what was forged in the name of \(host) was believed") }
        let forks = events.count { $0.action == "host.fork" }
        tally[.forks] += forks
        let clones = events.count { $0.action == "host.clone" }
        guard hasForgotten || forks == 0 && clones == 0 else { throw violation("\(host) was taken for a clone") }
        guard try agent.state()?.intervalSeconds.map({ $0 == 15 }) ?? true else { throw violation("\(host) believed a forged instruction") }
    }

    private mutating func checkInstructions(_ events: [AuditEvent]) async throws {
        for record in instructions {
            let words = events.count { $0.action == "instruction.acknowledge" && $0.subject == record.instructionID }
            tally[.instructions] += words
            guard try words == 1 || words == 0 && isForgotten(record) else {
                let now = try await fixture.store.read { try $0.instruction(record.id) }
                throw violation("\(record.instructionID) (\(record.body)) has \(words) words of its host: \(now.map { "\($0)" } ?? "gone")")
            }
        }
    }

    private func isForgotten(_ record: InstructionRecord) throws -> Bool {
        try wentBack.contains { try agents[$0].state()?.membership?.hostID == record.hostID }
    }
}
