import Daemons
import Dispatch
import Identifiers
import Logging
import Messages
import PadSimulation
import ScratchPad
import Sealing
import Store
import Synchronization
import TestSupport
import Testing

/// What pads share: batches, hashing, memory, the numbers of answers. One pad's trouble is its own.
@Suite struct SharedWorkTests {
    /// Stops at the password `wrong` until it is let on.
    final class StoppingHasher: PasswordHasher {
        let gate = DispatchSemaphore(value: 0)
        let stopped = Mutex(0)
        private let inner = ScryptHasher(parameters: .weak)
        var dummy: String { inner.dummy }
        func hash(_ password: [UInt8]) throws -> String { try inner.hash(password) }
        func verify(_ password: [UInt8], against hash: String) throws -> Bool {
            if password == Array("wrong".utf8) {
                stopped.withLock { $0 += 1 }
                gate.wait()
            }
            return try inner.verify(password, against: hash)
        }
    }

    @Test func wrongPasswordsHoldUpTheirOwnPadAlone() async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            let pads = [try await fixture.pad(of: customer), try await fixture.pad(of: customer)]
            let hasher = StoppingHasher()
            var configuration = IntakeConfiguration()
            // Whatever comes at about the same time is one batch.
            configuration.batchDelay = .milliseconds(500)
            let intake = Intake(
                store: fixture.store, keys: fixture.keys,
                authentication: Authentication(store: fixture.store, hasher: hasher, parallelism: 2, clock: fixture.clock.read),
                configuration: configuration, clock: fixture.clock.read, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            for pad in pads { try await intake.addPad(pad.record, medium: pad.medium) }
            var guesser = try fixture.host(on: pads[0], name: "guesser", machineID: "guesser", initiators: [])
            let guess = try guesser.send(guesser.registration(customer, password: "wrong"))
            var host = try fixture.host(on: pads[1])
            let message = try host.send(host.registration(customer))
            let running = Task { try await intake.run() }
            let answered = try await eventually { try !host.outcomes(to: message).isEmpty && hasher.stopped.withLock { $0 } > 0 }
            #expect(answered)
            #expect(try guesser.outcomes(to: guess).isEmpty)
            for _ in 0..<4 { hasher.gate.signal() }
            let refused = try await eventually { try !guesser.outcomes(to: guess).isEmpty }
            #expect(refused)
            running.cancel()
            _ = await running.result
        }
    }

    /// Counts what is read of messages.
    final class CountedMedium: PadMedium {
        let inner: any PadMedium
        let total: Total
        final class Total: Sendable { let bytes = Mutex(0) }
        init(_ inner: any PadMedium, _ total: Total) { (self.inner, self.total) = (inner, total) }
        func stamp(_ folder: PadFolder) throws(PadError) -> FolderStamp? { try inner.stamp(folder) }
        func names(in folder: PadFolder, limit: Int) throws(PadError) -> [PadName] { try inner.names(in: folder, limit: limit) }
        func read(_ name: PadName, in folder: PadFolder, limit: Int) throws(PadError) -> PadFile? {
            let file = try inner.read(name, in: folder, limit: limit)
            if folder == .incoming, case .content(let bytes)? = file { total.bytes.withLock { $0 += bytes.count } }
            return file
        }
        func write(_ bytes: [UInt8], as name: PadName, in folder: PadFolder, durably: Bool) throws(PadError) {
            try inner.write(bytes, as: name, in: folder, durably: durably)
        }
        func move(_ name: PadName, in folder: PadFolder, to newName: PadName, in newFolder: PadFolder) throws(PadError) -> Bool {
            try inner.move(name, in: folder, to: newName, in: newFolder)
        }
        func remove(_ name: PadName, in folder: PadFolder) throws(PadError) -> Bool { try inner.remove(name, in: folder) }
        func make(_ folder: PadFolder) throws(PadError) { try inner.make(folder) }
        func synchronize(_ folder: PadFolder?) throws(PadError) { try inner.synchronize(folder) }
    }

    @Test func noMoreIsReadFromPadsThanMayWaitToBeDecided() async throws {
        var configuration = IntakeConfiguration()
        configuration.collectedBytes = 64 << 10
        configuration.bytesPerPass = 16 << 10
        configuration.maximumMessageBytes = 16 << 10
        try await ControllerFixture.run(configuration) { fixture in
            let customer = try await fixture.customer()
            let total = CountedMedium.Total()
            var waiting: [(SimulatedHost, Message)] = []
            for number in 0..<12 {
                let storage = SimulatedStorage(seed: UInt64(number))
                var pad = try await fixture.pad(
                    of: customer, medium: CountedMedium(storage.medium(for: 0), total), interval: .milliseconds(100))
                pad.medium = storage.medium(for: 1)
                for other in 0..<5 {
                    var host = try fixture.host(
                        on: pad, name: "host\(other)", machineID: "machine \(number) \(other)", initiators: [])
                    waiting.append((host, try host.send(host.registration(customer))))
                }
            }
            // While the database takes nothing, nothing that was read is over.
            let gate = DispatchSemaphore(value: 0)
            let store = fixture.store
            let holding = Task { try await store.write { _ in gate.wait() } }
            let running = Task { try await fixture.intake.run() }
            #expect(try await eventually { total.bytes.withLock { $0 } > 32 << 10 })
            var most = 0
            for _ in 0..<50 {
                try await Task.sleep(for: .milliseconds(20))
                most = max(most, total.bytes.withLock { $0 })
            }
            #expect(most <= 64 << 10)
            gate.signal()
            try await holding.value
            #expect(try await eventually { try waiting.allSatisfy { try $0.outcomes(to: $1).map(\.word) == ["accepted"] } })
            running.cancel()
            _ = await running.result
        }
    }

    @Test func aClockThatWasSetBackMakesNoNumberSmaller() async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            var host = try fixture.host(on: try await fixture.pad(of: customer))
            #expect(try await host.register(customer, in: fixture)?.word == "accepted")
            let before = try host.replies().map(\.envelope.sequence).max() ?? .max
            fixture.clock.advance(by: .seconds(-3_600))
            try await fixture.restart()
            let report = try host.send(host.report)
            try await fixture.pass()
            let after = try host.replies().filter { $0.reply.inReplyTo == report.envelope.messageID }
            #expect(after.count == 1)
            #expect(after.allSatisfy { $0.envelope.sequence > before })
        }
    }

    private func eventually(_ holds: () throws -> Bool) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(300)
        while try !holds() {
            guard ContinuousClock.now < deadline else { return false }
            try await Task.sleep(for: .milliseconds(10))
        }
        return true
    }
}
