import Identifiers
import Logging
import Metrics
import Provider
import ScratchPad
import Sealing
import ServiceLifecycle
import Store
import Synchronization

/// Polls every pad at its interval, decides what it finds, and answers.
///
/// A pass of a pad is: collect on a worker's thread; decide and commit together with what other pads brought at the same time; then deliver the
/// answers, force them out once, and remove what was handled. An idle pad costs its worker one look, and nothing else anything.
package final class Intake: Service {
    let store: Store
    let configuration: IntakeConfiguration
    let processor: MessageProcessor
    let workers: PadWorkers
    let clock: @Sendable () -> Timestamp
    let hook: CrashPointHook
    let logger: Logger
    let counters: IntakeCounters
    private let stations = Mutex<[PadID: PadStation]>([:])
    private let nextLane = Mutex(0)
    private let batcher: Batcher
    let flushes = FileSystemFlushes()
    let budget: CollectionBudget
    private let started = Instant.now

    /// - Parameters:
    ///   - clock: the time of day that messages are judged by.
    ///   - hook: called at each durable step; for tests.
    package init(
        store: Store, keys: ControllerKeys, authentication: Authentication, configuration: IntakeConfiguration = IntakeConfiguration(),
        clock: @escaping @Sendable () -> Timestamp = Store.systemClock, logger: Logger = Logger(label: "quartermaster.intake"),
        metrics: any MetricsFactory = NOOPMetricsHandler.instance,
        hook: @escaping CrashPointHook = { _, _ in }
    ) {
        self.store = store
        self.configuration = configuration
        self.clock = clock
        self.hook = hook
        self.logger = logger
        counters = IntakeCounters(metrics)
        processor = MessageProcessor(
            store: store, keys: keys, authentication: authentication, configuration: configuration, clock: clock, hook: hook)
        batcher = Batcher(configuration)
        // The last file of a look may be one byte short of being too much.
        budget = CollectionBudget(
            bytes: configuration.collectedBytes, share: configuration.bytesPerPass + configuration.maximumMessageBytes)
        let hung = HungPads()
        workers = PadWorkers(
            PadWorkers.Options(
                threads: configuration.padWorkers, replacements: configuration.hungWorkers, hangLimit: configuration.hangLimit,
                progress: { lane in hung.progress.withLock { $0 }?(lane) ?? 0 })
        ) { lane, isHung in hung.report(lane, isHung) }
        hung.progress.withLock { $0 = { [weak self] in self?.station(lane: $0)?.medium.calls ?? 0 } }
        hung.handler.withLock { $0 = { [weak self] in self?.tellHung(lane: $0, isHung: $1) } }
    }

    /// Polls until the service group shuts down. Pads are added before or meanwhile.
    package func run() async throws {
        isRunning.withLock { $0 = true }
        workers.startSupervising(every: .milliseconds(100))
        for station in allStations { schedule(station, after: .zero) }
        await withGracefulShutdownHandler {
            await withTaskGroup { group in
                group.addTask { await self.keepHouseUntilCancelled() }
                await self.shutdown.wait()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.shutdown.open()
        }
        isRunning.withLock { $0 = false }
        // What was collected is finished while there still are workers to finish it on; a pad that hangs is not waited for.
        let drained = Gate()
        Task {
            await drain()
            drained.open()
        }
        let patience = Task {
            // Cancelled when it was drained before: the gate is open then.
            try? await Task.sleep(for: .seconds(2))
            drained.open()
        }
        await drained.wait()
        patience.cancel()
        workers.stop(patience: .seconds(2))
    }

    private let shutdown = Gate()
    private let isRunning = Mutex(false)
    /// Why the last batch could not be decided, so that it is said once.
    let undecided = Mutex<String?>(nil)

    // MARK: Pads

    /// Takes up a pad: brings its header up to date, cleans up after an interrupted pass, and publishes what waits. When this returns, its
    /// messages are taken in from the next look on; a pad that hangs is taken up when it answers.
    package func addPad(_ record: PadRecord, medium: (any PadMedium)? = nil) async throws {
        let medium = medium ?? DirectoryMedium(path: record.directory)
        let lane = nextLane.withLock { lane -> Int in
            lane += 1
            return lane
        }
        let station = PadStation(
            lane: lane, terms: PadTerms(id: record.id, accountID: record.accountID, interval: record.interval),
            medium: medium, phase: phase(lane))
        let waiting = try await pendingReplies(on: record.id)
        let now = clock()
        for file in waiting { station.note(file, pause: .zero, now: now) }
        let former = stations.withLock { stations in
            defer { stations[record.id] = station }
            return stations[record.id]
        }
        former?.standing.withLock { $0.isRemoved = true }
        await withPatience { [self] in await takeUpAndSchedule(station) }
    }

    /// Runs `body`, and waits for it for as long as a pad may take before it counts as hung; what takes longer goes on by itself.
    func withPatience(_ body: @escaping @Sendable () async -> Void) async {
        let ended = Gate()
        Task {
            await body()
            ended.open()
        }
        let patience = Task {
            // Cancelled when the pad was taken up before: the gate is open then.
            try? await Task.sleep(for: configuration.hangLimit)
            ended.open()
        }
        await ended.wait()
        patience.cancel()
    }

    private func takeUpAndSchedule(_ station: PadStation) async {
        station.standing.withLock { $0.isBusy = true }
        let pause = await takeUp(station)
        station.standing.withLock { $0.isBusy = false }
        if isRunning.withLock({ $0 }) { schedule(station, after: pause) }
    }

    /// Full looks of many pads come apart.
    func phase(_ lane: Int) -> Duration { .milliseconds(Int64(lane) * 7_919 % 30_000) }

    /// New leaves are in use from here on; every pad gets a header that names them: one that hangs or is away, when it is back.
    package func replaceKeys(_ keys: ControllerKeys) async throws {
        processor.replaceKeys(keys)
        for station in allStations { station.standing.withLock { $0.isTakenUp = false } }
        await withPatience { [self] in
            await withTaskGroup { group in
                for station in allStations { group.addTask { _ = await self.takeUp(station) } }
            }
        }
    }

    /// Looks at a pad no more. Waits for a pass that is under way, unless it hangs.
    package func removePad(_ id: PadID) async {
        guard let station = stations.withLock({ $0.removeValue(forKey: id) }) else { return }
        station.standing.withLock { $0.isRemoved = true }
        let deadline = ContinuousClock.now + configuration.hangLimit
        while station.standing.withLock({ $0.isBusy }), ContinuousClock.now < deadline {
            // Ends soon of itself; this is a command's time, not the daemon's.
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Why the last look at a pad failed; nil where it did not, or the pad is not looked at.
    package func problem(of id: PadID) -> String? { station(id)?.standing.withLock { $0.fault } }

    package var padIDs: [PadID] { stations.withLock { $0.keys.sorted() } }

    func station(_ id: PadID) -> PadStation? { stations.withLock { $0[id] } }

    func station(lane: Int) -> PadStation? { stations.withLock { $0.values.first { $0.lane == lane } } }

    var allStations: [PadStation] { stations.withLock { Array($0.values) } }

    /// The monotonic clock that looks are timed by.
    var elapsed: Duration { Instant.now - started }

    // MARK: Passes

    /// One pass over these pads (all of them by default) from end to end, as one batch. For commands and tests.
    @discardableResult
    package func passNow(_ ids: [PadID]? = nil) async throws -> PassSummary {
        let stations = (ids ?? padIDs).compactMap { station($0) }
        var collected: [CollectedPad] = []
        for station in stations {
            try await takenUp(station)
            await onWorker(station) { station in station.pad.withLock { $0.lookAgain() } }
            let found = try await collectOnWorker(station)
            collected.append(CollectedPad(station: station, collection: found))
        }
        let summary = try await finish(collected)
        for station in stations { try await republish(station) }
        return summary
    }

    /// Decides what was collected, then delivers and removes, each pad on its own worker.
    func finish(_ collected: [CollectedPad]) async throws -> PassSummary {
        let outcomes: [[FileOutcome]]
        do {
            var prepared: [PreparedFiles] = []
            for entry in collected { prepared.append(try await prepare(entry)) }
            outcomes = try await decide(prepared)
        } catch {
            for entry in collected { await lookAgain(entry.station) }
            throw error
        }
        var summary = PassSummary()
        try await withThrowingTaskGroup(of: PassSummary.self) { group in
            for (entry, outcomes) in zip(collected, outcomes) where !entry.collection.files.isEmpty {
                group.addTask { try await self.settle(entry, outcomes) }
            }
            for try await part in group { summary.add(part) }
        }
        return summary
    }

    /// Opens what a pad brought, of those files that could be read.
    private func prepare(_ entry: CollectedPad) async throws -> PreparedFiles {
        if !entry.collection.files.isEmpty { try hook(.collected, entry.station.terms.id) }
        return try await processor.prepare(
            entry.collection.files.compactMap { file in file.bytes.map { IncomingFile(pad: entry.station.terms, bytes: $0) } })
    }

    /// Decides and commits what pads brought: one outcome for each file that could be read.
    private func decide(_ prepared: [PreparedFiles]) async throws -> [[FileOutcome]] {
        let outcomes = try await processor.decide(prepared)
        try hook(.committed, nil)
        for outcomes in outcomes { counters.note(outcomes) }
        undecided.withLock { $0 = nil }
        return outcomes
    }

    /// Does on one pad what was decided.
    private func settle(_ entry: CollectedPad, _ outcomes: [FileOutcome]) async throws -> PassSummary {
        var rest = outcomes[...]
        var work = PadWork()
        for file in entry.collection.files {
            if file.bytes != nil, let outcome = rest.popFirst() {
                work.add(file, outcome)
            } else {
                work.quarantine.append((file, "\(file.content)"))
            }
        }
        return try await apply(work, to: entry.station)
    }

    /// What was collected could not be decided: the next look brings it again.
    private func lookAgain(_ station: PadStation) async { await onWorker(station) { $0.pad.withLock { $0.lookAgain() } } }

    // MARK: Scheduling

    /// Lets the pad be looked at when `delay` has passed. Once, however often it is asked for meanwhile.
    func schedule(_ station: PadStation, after delay: Duration) {
        let isNew = station.standing.withLock { standing in
            defer { standing.isScheduled = true }
            return !standing.isScheduled
        }
        if isNew { workers.submit(lane: station.lane, after: delay, look: { self.look(station) }) }
    }

    /// On the pad's worker: one look; what it finds goes on elsewhere. Returns when to look again, where nothing else says that.
    private func look(_ station: PadStation) -> Duration? {
        let (nextDue, isTakenUp, quiet) = station.standing.withLock { standing -> (Timestamp??, Bool, ControllerPad.Quiet?) in
            // Whoever is busy with it schedules it again.
            guard !standing.isRemoved, !standing.isBusy else {
                standing.isScheduled = false
                return (.none, false, nil)
            }
            return (.some(standing.nextDue), standing.isTakenUp, standing.fault == nil ? standing.quiet : nil)
        }
        guard let nextDue else { return nil }
        counters.look()
        if let quiet, nextDue == nil, isTakenUp, quiet.holds(elapsed: elapsed, on: station.medium) { return station.terms.interval }
        guard isTakenUp else {
            station.standing.withLock { ($0.isScheduled, $0.isBusy) = (false, true) }
            Task { await takeUpAndSchedule(station) }
            return nil
        }
        if !budget.take(station.lane) {
            // First, so that whoever gives back finds it without a look to come.
            station.standing.withLock { $0.isScheduled = false }
            counters.postponed()
            if budget.takeOrWait(station.lane) {
                release(station)
                schedule(station, after: .zero)
            }
            return nil
        }
        let now = clock()
        let begun = counters.passes.begin()
        do throws(PadError) {
            let collection = try collect(station, now: now)
            hold(collection.files.reduce(0) { $0 + ($1.bytes?.count ?? 0) }, for: station)
            let isAnythingDue = nextDue.map { $0 <= now } ?? false
            if collection.files.isEmpty, !isAnythingDue {
                noteRecovery(station)
                return station.terms.interval
            }
            station.standing.withLock { ($0.isScheduled, $0.isBusy) = (false, true) }
            Task { await pass(station, collection, begun: begun) }
            return nil
        } catch {
            counters.passes.ended(begun, failed: true)
            release(station)
            return noteFault(station, error.description)
        }
    }

    /// The pad's messages take so many bytes of memory from here on; pads that waited for room are looked at.
    private func hold(_ bytes: Int, for station: PadStation) {
        for lane in budget.hold(bytes, for: station.lane) {
            if let waiting = self.station(lane: lane) { schedule(waiting, after: .zero) }
        }
    }

    func release(_ station: PadStation) { hold(0, for: station) }

    private func pass(_ station: PadStation, _ collection: ControllerPad.Collection, begun: ContinuousClock.Instant) async {
        let (pause, isDone) = await passed(station, collection)
        counters.passes.ended(begun, failed: !isDone)
        release(station)
        station.standing.withLock { $0.isBusy = false }
        schedule(station, after: pause)
    }

    /// Returns the pause before the next look, and whether all was done.
    private func passed(_ station: PadStation, _ collection: ControllerPad.Collection) async -> (pause: Duration, isDone: Bool) {
        if !collection.files.isEmpty {
            let entry = CollectedPad(station: station, collection: collection)
            let outcomes: [FileOutcome]
            do {
                outcomes = try await batcher.join(prepare(entry)) { try await self.decide($0) }
            } catch {
                await lookAgain(station)
                return (noteUndecided(station, error), false)
            }
            do { _ = try await settle(entry, outcomes) } catch { return (noteFault(station, String(describing: error)), false) }
        }
        do { try await republish(station) } catch { return (noteFault(station, String(describing: error)), false) }
        return (collection.hasMore ? .zero : station.terms.interval, true)
    }

    /// Waits until no pass is under way.
    private func drain() async {
        while allStations.contains(where: { $0.standing.withLock { $0.isBusy } }) { try? await Task.sleep(for: .milliseconds(5)) }
    }
}

/// What one pass did.
package struct PassSummary: Sendable, Equatable {
    package var words: [String: Int] = [:]
    package var delivered = 0
    package var removed = 0
    package var quarantined: [String] = []

    package init() {}

    package mutating func add(_ other: PassSummary) {
        words.merge(other.words, uniquingKeysWith: +)
        delivered += other.delivered
        removed += other.removed
        quarantined += other.quarantined
    }
}

/// A pad with what one look found there.
struct CollectedPad: Sendable {
    let station: PadStation
    let collection: ControllerPad.Collection
}

/// Where workers report before the daemon they belong to is there.
final class HungPads: Sendable {
    let handler = Mutex<(@Sendable (Int, Bool) -> Void)?>(nil)
    let progress = Mutex<(@Sendable (Int) -> UInt64)?>(nil)
    func report(_ lane: Int, _ isHung: Bool) { handler.withLock { $0 }?(lane, isHung) }
}
