import Daemons
import Dispatch
import Foundation
import Identifiers
import Logging
import PadSimulation
import Provider
import ScratchPad
import Sealing
import Synchronization
import TestSupport
import Testing

@Suite struct KeyRotationTests {
    private func rotation(_ fixture: ControllerFixture) -> KeyRotation {
        KeyRotation(
            keys: KeyHolder(fixture.keys), path: fixture.directory.keysPath, store: fixture.store, intake: fixture.intake,
            clock: fixture.clock.read, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test func rotationsAtTheSameTimeFollowOneAnother() async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            var host = try fixture.host(on: try await fixture.pad(of: customer))
            let rotation = rotation(fixture)
            let made = try await withThrowingTaskGroup(of: ControllerKeys.self) { group in
                for _ in 0..<6 { group.addTask { try await rotation.rotate(by: .provider("root")) } }
                return try await group.reduce(into: [ControllerKeys]()) { $0.append($1) }
            }
            let kept = try ControllerKeys.load(from: fixture.directory.keysPath)
            let known = Set([kept.decryption.certificate.fingerprint] + kept.previous.map(\.certificate.fingerprint))
            // Whatever was sealed to any of them opens.
            #expect(known == Set(([fixture.keys] + made).map(\.decryption.certificate.fingerprint)))
            #expect(try await fixture.audit().filter { $0.action == "key.rotate" }.map(\.outcome) == Array(repeating: .done, count: 6))
            #expect(try host.open().verified.decryption.der == kept.decryption.certificate.der)
            #expect(try await host.register(customer, in: fixture)?.word == "accepted")
        }
    }

    @Test func aRotationThatFailsIsInTheAudit() async throws {
        try await ControllerFixture.run { fixture in
            let rotation = rotation(fixture)
            try FileManager.default.moveItem(atPath: fixture.directory.keysPath, toPath: fixture.directory.path + "/away")
            await #expect(throws: ControllerKeysError.self) { _ = try await rotation.rotate(by: .provider("root")) }
            let entries = try await fixture.audit().filter { $0.action == "key.rotate" }
            #expect(entries.map(\.outcome) == [.done, .failed])
        }
    }

    @Test func aPadThatHangsKeepsNoOtherFromItsNewHeader() async throws {
        var configuration = IntakeConfiguration()
        configuration.hangLimit = .milliseconds(300)
        try await ControllerFixture.run(configuration) { fixture in
            let customer = try await fixture.customer()
            let storage = SimulatedStorage(seed: 1)
            let hanging = HangingMedium(storage.medium(for: 0))
            let first = try await fixture.pad(of: customer, medium: hanging)
            let second = try await fixture.pad(of: customer)
            hanging.hang()
            defer { hanging.goOn() }
            let new = try await rotation(fixture).rotate(by: .provider("root"))
            let host = try fixture.host(on: second)
            // It returned although a pad hangs; the other's header may come a moment later.
            let deadline = ContinuousClock.now + .seconds(300)
            while try host.open().verified.decryption.der != new.decryption.certificate.der, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(try host.open().verified.decryption.der == new.decryption.certificate.der)
            #expect(first.id != second.id)
        }
    }

    @Test func aHeaderIsWrittenAnewLongBeforeItsEnd() async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            let host = try fixture.host(on: try await fixture.pad(of: customer))
            let before = try host.open().header
            fixture.clock.advance(by: .seconds(100 * 86_400))
            try await fixture.intake.keepHouse()
            #expect(try host.open().header.ends == before.ends)
            fixture.clock.advance(by: .seconds(150 * 86_400))
            try await fixture.intake.keepHouse()
            let after = try host.open().header
            #expect(after.ends > before.ends)
            #expect(after.generation > before.generation)
        }
    }

    @Test func aCertificateIsToldOfTwoMonthsBeforeItsEndAndReplacedAMonthBefore() async throws {
        try await ControllerFixture.run { fixture in
            let rotation = rotation(fixture)
            let end = fixture.keys.signing.certificate.notAfter
            fixture.clock.advance(by: end - fixture.clock.now - .seconds(61 * 86_400))
            try await rotation.lookAtEnds()
            #expect(try await fixture.notifications().isEmpty)
            fixture.clock.advance(by: .seconds(2 * 86_400))
            try await rotation.lookAtEnds()
            #expect(try await fixture.notifications().map(\.notification.kind) == [.certificateEnding, .certificateEnding])
            #expect(try await fixture.notifications().map(\.notification.subject).sorted() == ["decryption", "signing"])
            fixture.clock.advance(by: .seconds(30 * 86_400))
            try await rotation.lookAtEnds()
            let kept = try ControllerKeys.load(from: fixture.directory.keysPath)
            #expect(kept.signing.certificate.notAfter > end)
            #expect(try await fixture.audit().contains { $0.action == "key.rotate" && $0.actor == Actor.daemon("keys").text })
        }
    }

    /// Hangs in every call while it is told to.
    final class HangingMedium: PadMedium {
        let inner: any PadMedium
        private let state = NSCondition()
        private let hangs = Mutex(false)
        init(_ inner: any PadMedium) { self.inner = inner }
        func hang() { hangs.withLock { $0 = true } }
        func goOn() {
            hangs.withLock { $0 = false }
            state.broadcast()
        }
        private func pause() {
            state.lock()
            while hangs.withLock({ $0 }) { _ = state.wait(until: Date() + 0.05) }
            state.unlock()
        }
        func stamp(_ folder: PadFolder) throws(PadError) -> FolderStamp? {
            pause()
            return try inner.stamp(folder)
        }
        func names(in folder: PadFolder, limit: Int) throws(PadError) -> [PadName] {
            pause()
            return try inner.names(in: folder, limit: limit)
        }
        func read(_ name: PadName, in folder: PadFolder, limit: Int) throws(PadError) -> PadFile? {
            pause()
            return try inner.read(name, in: folder, limit: limit)
        }
        func write(_ bytes: [UInt8], as name: PadName, in folder: PadFolder, durably: Bool) throws(PadError) {
            pause()
            try inner.write(bytes, as: name, in: folder, durably: durably)
        }
        func move(_ name: PadName, in folder: PadFolder, to newName: PadName, in newFolder: PadFolder) throws(PadError) -> Bool {
            pause()
            return try inner.move(name, in: folder, to: newName, in: newFolder)
        }
        func remove(_ name: PadName, in folder: PadFolder) throws(PadError) -> Bool {
            pause()
            return try inner.remove(name, in: folder)
        }
        func make(_ folder: PadFolder) throws(PadError) {
            pause()
            try inner.make(folder)
        }
        func synchronize(_ folder: PadFolder?) throws(PadError) {
            pause()
            try inner.synchronize(folder)
        }
    }
}
