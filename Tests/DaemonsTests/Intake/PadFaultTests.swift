import Daemons
import Identifiers
import Messages
import PadSimulation
import Provider
import ScratchPad
import Store
import Synchronization
import TestSupport
import Testing

/// Pads that are full, read-only, gone, come back, become another, or hang.
@Suite struct PadFaultTests {
    /// A medium that fails or waits as it is told.
    final class FaultyMedium: PadMedium {
        enum Mode: Sendable, Equatable {
            case fine, full, readOnly, gone
        }

        let inner: any PadMedium
        let mode = Mutex(Mode.fine)

        init(_ inner: any PadMedium) { self.inner = inner }

        func set(_ new: Mode) { mode.withLock { $0 = new } }

        private func fail(writing: Bool, _ operation: String) throws(PadError) {
            switch mode.withLock({ $0 }) {
            case .fine: return
            case .gone: throw .gone(path: "pad")
            case .full where operation == "write": throw .file(.system(operation: operation, path: "pad", errno: 28))
            case .readOnly where writing: throw .file(.system(operation: operation, path: "pad", errno: 30))
            case .full, .readOnly: return
            }
        }

        func stamp(_ folder: PadFolder) throws(PadError) -> FolderStamp? {
            if mode.withLock({ $0 }) == .gone { return nil }
            return try inner.stamp(folder)
        }
        func names(in folder: PadFolder, limit: Int) throws(PadError) -> [PadName] {
            try fail(writing: false, "list")
            return try inner.names(in: folder, limit: limit)
        }
        func read(_ name: PadName, in folder: PadFolder, limit: Int) throws(PadError) -> PadFile? {
            try fail(writing: false, "read")
            return try inner.read(name, in: folder, limit: limit)
        }
        func write(_ bytes: [UInt8], as name: PadName, in folder: PadFolder, durably: Bool) throws(PadError) {
            try fail(writing: true, "write")
            try inner.write(bytes, as: name, in: folder, durably: durably)
        }
        func move(_ name: PadName, in folder: PadFolder, to newName: PadName, in newFolder: PadFolder) throws(PadError) -> Bool {
            try fail(writing: true, "rename")
            return try inner.move(name, in: folder, to: newName, in: newFolder)
        }
        func remove(_ name: PadName, in folder: PadFolder) throws(PadError) -> Bool {
            try fail(writing: true, "remove")
            return try inner.remove(name, in: folder)
        }
        func make(_ folder: PadFolder) throws(PadError) {
            try fail(writing: true, "make directory")
            try inner.make(folder)
        }
        func synchronize(_ folder: PadFolder?) throws(PadError) { try inner.synchronize(folder) }
    }

    private func withPad(
        _ body: (ControllerFixture, ControllerFixture.Customer, FaultyMedium, inout SimulatedHost) async throws -> Void
    ) async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            let storage = SimulatedStorage(seed: 1)
            let medium = FaultyMedium(storage.medium(for: 0))
            var pad = try await fixture.pad(of: customer, medium: medium)
            pad.medium = storage.medium(for: 1)
            var host = try fixture.host(on: pad)
            try await body(fixture, customer, medium, &host)
        }
    }

    @Test func aFullPadTakesMessagesAndGetsItsAnswersWhenThereIsRoom() async throws {
        try await withPad { fixture, customer, medium, host in
            let message = try host.send(host.registration(customer))
            medium.set(.full)
            let summary = try await fixture.pass()
            #expect(summary.words == ["accepted": 1])
            #expect(summary.delivered == 0)
            #expect(summary.removed == 1)
            #expect(try host.outcomes(to: message).isEmpty)
            medium.set(.fine)
            fixture.clock.advance(by: .seconds(2))
            try await fixture.pass()
            #expect(try host.outcomes(to: message).map(\.word) == ["accepted"])
        }
    }

    @Test func aReadOnlyPadIsReportedAndNothingIsDecidedTwice() async throws {
        try await withPad { fixture, customer, medium, host in
            let message = try host.send(host.registration(customer))
            medium.set(.readOnly)
            await #expect(throws: PadError.self) { try await fixture.pass() }
            await #expect(throws: PadError.self) { try await fixture.pass() }
            medium.set(.fine)
            #expect(try await fixture.pass().words == ["repeated": 1])
            #expect(try host.outcomes(to: message).map(\.word) == ["accepted"])
            #expect(try await fixture.audit().count { $0.action == "host.register" } == 1)
        }
    }

    @Test func aPadThatIsGoneComesBack() async throws {
        try await withPad { fixture, customer, medium, host in
            let message = try host.send(host.registration(customer))
            medium.set(.gone)
            // Whether the header is looked at first depends on how long ago that was.
            await #expect {
                try await fixture.pass()
            } throws: {
                if case PadError.gone = $0 { true } else { false }
            }
            medium.set(.fine)
            try await fixture.pass()
            #expect(try host.outcomes(to: message).map(\.word) == ["accepted"])
        }
    }

    @Test func aPadOnAnotherDeviceIsNotBelieved() async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            let first = SimulatedStorage(seed: 1)
            let swapped = SwappedMedium(first.medium(for: 0))
            _ = try await fixture.pad(of: customer, medium: swapped)
            try await fixture.pass()
            // Something else is mounted there now: folders of the same names, another header.
            let second = SimulatedStorage(seed: 2)
            let other = second.medium(for: 0)
            for folder in [PadFolder.root, .incoming, .outgoing, .quarantine] { try other.make(folder) }
            swapped.swap(to: other)
            await #expect(throws: PadError.header(.missing)) { try await fixture.pass() }
        }
    }

    @Test func aPadWithoutItsHeaderAtTheStartIsNotReadUntilItIsThere() async throws {
        try await withPad { fixture, customer, medium, host in
            let found = try medium.inner.read(PadHeader.fileName, in: .root, limit: PadHeader.maximumBytes)
            guard case .content(let header)? = found else {
                Issue.record("the pad has no header")
                return
            }
            let message = try host.send(host.registration(customer))
            // Not mounted: an empty directory in the pad's place.
            _ = try medium.inner.remove(PadHeader.fileName, in: .root)
            try await fixture.restart()
            await #expect(throws: PadError.header(.missing)) { try await fixture.pass() }
            #expect(fixture.intake.padIDs.allSatisfy { fixture.intake.problem(of: $0)?.contains("is the file system mounted") == true })
            try medium.inner.write(header, as: PadHeader.fileName, in: .root, durably: true)
            #expect(try await fixture.pass().words == ["accepted": 1])
            #expect(try host.outcomes(to: message).map(\.word) == ["accepted"])
        }
    }

    /// A path at which another file system may appear.
    final class SwappedMedium: PadMedium {
        private let inner: Mutex<any PadMedium>
        init(_ inner: any PadMedium) { self.inner = Mutex(inner) }
        func swap(to other: any PadMedium) { inner.withLock { $0 = other } }
        private var current: any PadMedium { inner.withLock { $0 } }
        func stamp(_ folder: PadFolder) throws(PadError) -> FolderStamp? { try current.stamp(folder) }
        func names(in folder: PadFolder, limit: Int) throws(PadError) -> [PadName] { try current.names(in: folder, limit: limit) }
        func read(_ name: PadName, in folder: PadFolder, limit: Int) throws(PadError) -> PadFile? {
            try current.read(name, in: folder, limit: limit)
        }
        func write(_ bytes: [UInt8], as name: PadName, in folder: PadFolder, durably: Bool) throws(PadError) {
            try current.write(bytes, as: name, in: folder, durably: durably)
        }
        func move(_ name: PadName, in folder: PadFolder, to newName: PadName, in newFolder: PadFolder) throws(PadError) -> Bool {
            try current.move(name, in: folder, to: newName, in: newFolder)
        }
        func remove(_ name: PadName, in folder: PadFolder) throws(PadError) -> Bool { try current.remove(name, in: folder) }
        func make(_ folder: PadFolder) throws(PadError) { try current.make(folder) }
        func synchronize(_ folder: PadFolder?) throws(PadError) { try current.synchronize(folder) }
    }
}
