import Glibc
import PadSimulation
import Synchronization
import Testing

@testable import ScratchPad

/// A pad on a file system that hangs: what is given up, what is tried again, and that nothing piles up.
@Suite struct BoundedMediumTests {
    /// Hangs in every call while it is closed, and counts who is in there.
    private final class Gate: PadMedium {
        private let state = Mutex((isClosed: true, inside: 0, calls: 0))
        var inside: Int { state.withLock { $0.inside } }
        var calls: Int { state.withLock { $0.calls } }

        func open() { state.withLock { $0.isClosed = false } }

        private func pass() {
            state.withLock { ($0.inside, $0.calls) = ($0.inside + 1, $0.calls + 1) }
            while state.withLock({ $0.isClosed }) { usleep(1_000) }
            state.withLock { $0.inside -= 1 }
        }

        func stamp(_ folder: PadFolder) throws(PadError) -> FolderStamp? {
            pass()
            return nil
        }
        func names(in folder: PadFolder, limit: Int) throws(PadError) -> [PadName] {
            pass()
            return []
        }
        func read(_ name: PadName, in folder: PadFolder, limit: Int) throws(PadError) -> PadFile? {
            pass()
            return .content([1, 2, 3])
        }
        func write(_ bytes: [UInt8], as name: PadName, in folder: PadFolder, durably: Bool) throws(PadError) { pass() }
        func move(
            _ name: PadName, in folder: PadFolder, to newName: PadName, in newFolder: PadFolder
        ) throws(PadError) -> Bool {
            pass()
            return true
        }
        func remove(_ name: PadName, in folder: PadFolder) throws(PadError) -> Bool {
            pass()
            throw .gone(path: "gate")
        }
        func make(_ folder: PadFolder) throws(PadError) { pass() }
        func synchronize(_ folder: PadFolder?) throws(PadError) { pass() }
    }

    private func until(_ isDone: () -> Bool) {
        let end = ContinuousClock.now + .seconds(300)
        while !isDone(), ContinuousClock.now < end { usleep(1_000) }
        #expect(isDone())
    }

    @Test func `a call that hangs is given up, those after it at once, and the pad is back when it returns`() throws {
        let gate = Gate()
        defer { gate.open() }
        let patience = PadPatience(limit: .milliseconds(20))
        let hung = BoundedMedium(gate, path: "/mnt/a", patience: patience)
        for _ in 0..<100 {
            #expect(throws: PadError.silent(path: "/mnt/a")) { try hung.read(PadHeader.fileName, in: .root, limit: 10) }
        }
        until { gate.inside == 1 }
        #expect(gate.calls == 1)

        let other = try TemporaryDirectory()
        let healthy = BoundedMedium(
            DirectoryMedium(path: other.path), path: other.path, patience: PadPatience(limit: .seconds(300), calls: patience.calls))
        try healthy.make(.incoming)

        gate.open()
        until { gate.inside == 0 }
        let again = BoundedMedium(gate, path: "/mnt/a", patience: PadPatience(limit: .seconds(300), calls: patience.calls))
        // The thread takes the pad off the list when it has left the call.
        until { (try? again.read(PadHeader.fileName, in: .root, limit: 10)) == .content([1, 2, 3]) }
        #expect(throws: PadError.gone(path: "gate")) { try again.remove(PadHeader.fileName, in: .root) }
    }

    @Test func `a wish to stop ends the waiting`() throws {
        let gate = Gate()
        defer { gate.open() }
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        var patience = PadPatience(limit: .seconds(3_600))
        patience.stop = PadPatience.Stop(descriptor: ends[0]) { true }
        #expect(write(ends[1], "x", 1) == 1)
        let hung = BoundedMedium(gate, path: "/mnt/a", patience: patience)
        #expect(throws: PadError.silent(path: "/mnt/a")) { try hung.synchronize(nil) }
    }

    @Test func `another signal does not end the waiting`() throws {
        let gate = Gate()
        defer { gate.open() }
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        var patience = PadPatience(limit: .seconds(3_600))
        patience.stop = PadPatience.Stop(descriptor: ends[0]) { false }
        #expect(write(ends[1], "x", 1) == 1)
        let hung = BoundedMedium(gate, path: "/mnt/a", patience: patience)
        var thread = pthread_t()
        let task = Unmanaged.passRetained(Opening(gate))
        pthread_create(
            &thread, nil,
            {
                Unmanaged<Opening>.fromOpaque($0!).takeRetainedValue().run()
                return nil
            }, task.toOpaque())
        try hung.synchronize(nil)
        pthread_join(thread, nil)
    }

    private final class Opening: Sendable {
        private let gate: Gate
        init(_ gate: Gate) { self.gate = gate }
        /// When somebody hangs in it.
        func run() {
            while gate.inside == 0 { usleep(1_000) }
            gate.open()
        }
    }
}
