import Glibc
import Identifiers
import Inventory
import Messages
import ScratchPad
import Testing

@testable import AgentCore

/// The daemon's rounds under a manual clock: when it wakes, what it does then, and what it says.
@Suite struct RoundsTests {
    private func rounds(_ host: TestHost, _ change: (inout AgentConfiguration) -> Void = { _ in }) -> Rounds {
        var configuration = AgentConfiguration()
        change(&configuration)
        return Rounds(stateDirectory: host.stateDirectory, configuration: configuration, context: host.context)
    }

    @Test func `a daemon with nothing to tell wakes at its interval alone`() throws {
        try TestHost.with { host in
            try host.register()
            var rounds = rounds(host) { $0.freeSpaceInterval = .seconds(7 * 86_400) }
            try live(&rounds, host, .seconds(60))
            let before = host.controller.taken.count
            #expect(try live(&rounds, host, .seconds(600)) == 10)
            #expect(host.controller.taken.count == before)
        }
    }

    @Test func `a controller's interval takes the place of the configured one`() throws {
        try TestHost.with { host in
            try host.register()
            var rounds = rounds(host) { $0.freeSpaceInterval = .seconds(7 * 86_400) }
            try host.controller.instruct(.setInterval(seconds: 5), to: host.state().key.fingerprint, now: host.clock.now)
            try live(&rounds, host, .seconds(120))
            #expect(try live(&rounds, host, .seconds(60)) == 12)
        }
    }

    @Test func `free space is told at its interval`() throws {
        try TestHost.with { host in
            try host.register()
            var rounds = rounds(host)
            try live(&rounds, host, .seconds(3_600))
            #expect((3...5).contains(host.controller.messages(.freeSpace).count))
        }
    }

    @Test func `a registration that a command left unanswered is completed by the daemon`() throws {
        try TestHost.with { host in
            try host.enrolment.send(host.request(), credential: TestHost.password("correct"))
            var rounds = rounds(host)
            try live(&rounds, host, .seconds(120))
            #expect(try host.state().phase == .registered)
        }
    }

    @Test func `what unregister left unanswered is completed by the daemon`() throws {
        try TestHost.with { host in
            try host.register()
            try Departure(context: host.context).sayFarewell(host.registration(), reason: nil)
            var rounds = rounds(host)
            try live(&rounds, host, .seconds(300))
            #expect(try host.stateDirectory.registrations().isEmpty)
        }
    }

    @Test func `a pad that is away for a week is told once, costs one look an interval, and goes on when it is back`() throws {
        try TestHost.with { host in
            try host.register()
            var rounds = rounds(host) { $0.interval = .seconds(600) }
            try live(&rounds, host, .seconds(1_200))
            host.facts.blockDevices = [Inventory.BlockDevice(name: "sda", kind: "disk")]
            #expect(rename(host.padDirectory, "\(host.padDirectory).away") == 0)
            let said = host.lines.value.withLock { $0.count }
            let end = host.clock.uptime + .seconds(7 * 86_400)
            var wakes = 0
            while rounds.next <= end {
                host.clock.advance(max(.zero, rounds.next - host.clock.uptime))
                rounds.work()
                wakes += 1
            }
            #expect(wakes <= 7 * 144 + 1)
            #expect(host.lines.value.withLock { $0.count } == said + 1)
            #expect(host.lines.value.withLock { $0.last }?.contains("is the file system mounted?") == true)
            #expect(try host.state().padTrouble != nil)

            #expect(rename("\(host.padDirectory).away", host.padDirectory) == 0)
            try live(&rounds, host, .seconds(1_800))
            #expect(host.controller.messages(.inventory).count == 1)
            #expect(try host.state().padTrouble == nil)
            #expect(host.lines.value.withLock { $0.last }?.contains("in order again") == true)
        }
    }

    @Test func `a pad that is full keeps the message, and gets it when there is room`() throws {
        try TestHost.with { host in
            try host.register()
            try host.settle()
            host.makePadFull(true)
            var rounds = rounds(host)
            host.facts.blockDevices = [Inventory.BlockDevice(name: "sda", kind: "disk")]
            let said = host.lines.value.withLock { $0.count }
            try live(&rounds, host, .seconds(600))
            #expect(host.lines.value.withLock { $0.dropFirst(said).filter { $0.contains("No space left on device") }.count } == 1)
            #expect(try host.state().outbox.first?.attempts == 0)
            #expect(try host.state().padTrouble?.text == "cannot publish on the pad \(host.padDirectory): No space left on device")
            host.makePadFull(false)
            try live(&rounds, host, .seconds(600))
            #expect(host.controller.messages(.inventory).count == 1)
            #expect(try host.state().outbox.isEmpty)
            #expect(try host.state().padTrouble == nil)
        }
    }

    @Test func `another pad mounted in its place is not believed, and nothing is written to it`() throws {
        try TestHost.with { host in
            try host.register()
            try host.settle()
            #expect(rename(host.padDirectory, "\(host.padDirectory).away") == 0)
            mkdir(host.padDirectory, 0o755)
            let other = try TestController(pad: host.padDirectory, keys: "\(host.directory)/keys2", now: host.clock.now)
            var rounds = rounds(host)
            rounds.work()
            #expect(try other.pad.medium.names(in: .incoming, limit: 10).isEmpty)
            let expected = "it is signed by the controller \(other.fingerprint), not by \(host.controller.fingerprint)"
            #expect(try host.state().padTrouble?.text.contains(expected) == true)
        }
    }

    @Test func `a suspended host asks again after a while, and is told once in the log`() throws {
        try TestHost.with { host in
            try host.register()
            host.controller.decide = { _ in .refused(Refusal(reason: .suspended, text: "ask the provider", retryAfterSeconds: 3_600)) }
            var rounds = rounds(host)
            try live(&rounds, host, .seconds(3_000))
            #expect(host.controller.messages(.freeSpace).count == 1)
            let lines = host.lines.value.withLock { $0.filter { $0.contains("suspended") } }
            #expect(lines.count == 1)
            host.controller.decide = { _ in .received }
            try live(&rounds, host, .seconds(3_600))
            #expect(try host.state().obstacle == nil)
        }
    }

    @Test func `with nothing registered the daemon looks again at its interval`() throws {
        try TestHost.with { host in
            var rounds = rounds(host)
            #expect(try live(&rounds, host, .seconds(300)) == 6)
            try host.register()
            try live(&rounds, host, .seconds(60))
            #expect(try host.state().told.freeSpaceAt != nil)
        }
    }
}

/// A pad whose file system has no room, while `isFull`.
struct FullMedium: PadMedium {
    let medium: DirectoryMedium
    let isFull: Box<Bool>
    /// How often `in/` was listed.
    let listings: Box<Int>

    func stamp(_ folder: PadFolder) throws(PadError) -> FolderStamp? { try medium.stamp(folder) }
    func names(in folder: PadFolder, limit: Int) throws(PadError) -> [PadName] {
        if folder == .incoming { listings.value.withLock { $0 += 1 } }
        return try medium.names(in: folder, limit: limit)
    }
    func read(_ name: PadName, in folder: PadFolder, limit: Int) throws(PadError) -> PadFile? {
        try medium.read(name, in: folder, limit: limit)
    }
    func write(_ bytes: [UInt8], as name: PadName, in folder: PadFolder, durably: Bool) throws(PadError) {
        if isFull.value.withLock({ $0 }) { throw .file(.system(operation: "write", path: "in/\(name)", errno: ENOSPC)) }
        try medium.write(bytes, as: name, in: folder, durably: durably)
    }
    func move(_ name: PadName, in folder: PadFolder, to newName: PadName, in newFolder: PadFolder) throws(PadError) -> Bool {
        try medium.move(name, in: folder, to: newName, in: newFolder)
    }
    func remove(_ name: PadName, in folder: PadFolder) throws(PadError) -> Bool { try medium.remove(name, in: folder) }
    func make(_ folder: PadFolder) throws(PadError) { try medium.make(folder) }
    func synchronize(_ folder: PadFolder?) throws(PadError) { try medium.synchronize(folder) }
}
