import Files
import Glibc
import ISCSI
import Identifiers
import Inventory
import Synchronization
import TestPrograms
import Testing

@testable import Initiator

/// Ctrl-C at each step, without a process that gets one.
@Suite struct InterruptionTests {
    /// A signal that comes once `step` has been reached.
    private final class Signal: Sendable {
        let number = Atomic<Int32>(0)
        let held = Atomic<Int>(0)

        var interruption: Interruption {
            Interruption(
                hold: { _ in self.held.add(1, ordering: .relaxed) }, caught: { self.number.load(ordering: .relaxed) })
        }
    }

    @Test(arguments: [SetupStep.journalWritten, .locked, .fileWritten, .unlocked, .loginsBegun, .loggedIn])
    func `a signal has all of it taken back at once`(_ step: SetupStep) throws {
        let host = try SetupFixture()
        let before = host.picture()
        let signal = Signal()
        let setup = host.setup(
            interruption: signal.interruption,
            reached: { reached throws(SetupError) in if reached == step { signal.number.store(SIGINT, ordering: .relaxed) } })
        let result = try setup.run(try host.preparation().plan(host.request()))
        #expect(result.outcome == .interrupted && result.leftOver == nil)
        #expect(["SIGINT came: nothing was changed", "SIGINT came: all of it was taken back"].contains(result.detail), "\(result.detail)")
        #expect(result.isRolledBack == result.detail.hasSuffix("taken back"))
        #expect(host.picture() == before)
        #expect(try host.journal.load() == nil)
        #expect(signal.held.load(ordering: .relaxed) == 1)
    }

    @Test func `a signal while units are waited for ends the waiting`() throws {
        let host = try SetupFixture()
        let before = host.picture()
        let signal = Signal()
        var request = try host.request()
        request.expectedWWIDs = [try #require(WWID("naa.60014050000000000000000000000fff"))]
        request.deadline = .seconds(3_600)
        let looks = Atomic<Int>(0)
        let plan = try host.preparation().plan(request)
        let setup = Setup(
            database: host.database, journal: host.journal,
            iscsiadm: Iscsiadm(program: ExternalProgram(path: "\(host.folder.path)/bin/iscsiadm")), boot: "boot-1",
            pollingInterval: .milliseconds(5), interruption: signal.interruption,
            state: { () throws(SetupError) in
                // No session ever shows; the third look is that of the verification.
                if looks.add(1, ordering: .relaxed).newValue == 3 { signal.number.store(SIGTERM, ordering: .relaxed) }
                return HostState(Inventory(host: Inventory.Host()))
            })
        let result = try setup.run(plan)
        #expect(result.outcome == .interrupted && result.detail == "SIGTERM came: all of it was taken back")
        #expect(host.picture().filter { !$0.key.contains("/live") } == before.filter { !$0.key.contains("/live") })
    }

    @Test func `sessions of a disconnection that were ended before a signal are told`() throws {
        let host = try SetupFixture()
        try host.somebodyConnects("10.99.0.1:3260,1", number: 701)
        try host.somebodyConnects("10.99.0.2:3260,1", number: 702)
        // It comes while the first logout is under way.
        try host.folder.file("bin/iscsiadm", "#!/bin/sh\nrm \(host.folder.path)/live/$4; touch \(host.folder.path)/signal\n", mode: 0o700)
        let interruption = Interruption(
            hold: { _ in }, caught: { [path = "\(host.folder.path)/signal"] in access(path, F_OK) == 0 ? SIGHUP : 0 })
        let work = Disconnection(from: try #require(ISCSIName(SetupFixture.target)), at: [], in: try host.state(), flushesMaps: false)
        let error = #expect(throws: SetupError.self) {
            try work.run(
                Iscsiadm(program: ExternalProgram(path: "\(host.folder.path)/bin/iscsiadm")), multipath: nil, interruption: interruption
            ) { () throws(SetupError) in try host.state() }
        }
        #expect(error == .outcome(.interrupted, detail: "SIGHUP came: 1 of 2 sessions were ended"))
        #expect(try host.state().sessions.map(\.number) == [702])
    }
}

/// The same of the built program, with tgt as the storage system and a script in iscsiadm's place.
@Suite(
    .serialized,
    .enabled(
        if: !TgtPeer.isMissing && !Peer.isMissing("/usr/sbin/iscsiadm", "/usr/bin/unshare"),
        "no tgtd, iscsiadm or unshare here, or not root"))
struct InterruptionProgramTests {
    private static let target = "iqn.2026-11.lab.example:interrupted"

    /// `connect` under way: the script in iscsiadm's place has begun, and makes no session.
    private func with(
        script: String, _ arguments: [String] = [], mounts: (_ folder: String) -> String = { _ in ":" },
        _ body: (WizardHost, ChildProcess, _ folder: String) throws -> Void
    ) throws {
        try TgtPeer.with { peer in
            try peer.makeTarget(1, Self.target)
            let root = try Peer.temporaryDirectory()
            defer { Peer.remove(root) }
            let host = try WizardHost(root: root, address: peer.addresses[0])
            try replaceFile(
                "\(root)/iscsiadm",
                with: Array(
                    "#!/bin/sh\n: >\(root)/begun\n\(script.replacing("GATE", with: "\(root)/gate").replacing("ROOT", with: root))\n".utf8),
                mode: 0o700)
            try #require(mkfifo("\(root)/gate", 0o600) == 0)
            let process = try host.start(
                ["connect", Self.target, "--portal", host.address] + arguments, iscsiadm: "\(root)/iscsiadm", mounts: mounts(root))
            defer { process.send(SIGKILL) }
            try Peer.wait("the login") { access("\(root)/begun", F_OK) == 0 || !process.isRunning }
            try body(host, process, root)
        }
    }

    private func text(_ path: String) throws -> String { String(decoding: try readFile(path), as: UTF8.self) }

    private func nodes(_ root: String) throws -> [String] { try FileDescriptor(directory: "\(root)/etc/iscsi/nodes").names() }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func aSignalTakesBackAndEndsTheProgramAsItEndsOthers(signal: Int32) throws {
        try with(script: "exit 0", ["--format", "json"]) { host, process, root in
            #expect(try nodes(root) == [Self.target])
            process.send(signal)
            try Peer.wait("the end") { !process.isRunning }
            #expect(process.wasKilled && process.terminationStatus == signal)
            #expect(try nodes(root).isEmpty && access("\(root)/state/iscsi/journal", F_OK) != 0)
            let (output, errors) = (try text("\(root)/output"), try text("\(root)/errors"))
            #expect(output.hasPrefix(#"{"outcome":"interrupted""#) && output.contains(#""rolledBack":true"#), "\(output)")
            #expect(errors.contains("interrupted: what was begun is taken back"), "\(errors)")
            #expect(errors.contains("all of it was taken back; run the command again to have it done"), "\(errors)")
        }
    }

    // MARK: Disks that take nothing more

    @Test func whatFailedIsTakenBackThoughTheDiskHasBecomeFull() throws {
        let script = """
            mkdir ROOT/small && mount -t tmpfs -o size=32k,mode=700 none ROOT/small && cp -a ROOT/state/iscsi/. ROOT/small
            cat /dev/zero >ROOT/small/fill 2>/dev/null
            mount --bind ROOT/small ROOT/state/iscsi
            exit 24
            """
        try with(script: script, ["--format", "json"]) { host, process, root in
            try Peer.wait("the end") { !process.isRunning }
            let (output, errors) = (try text("\(root)/output"), try text("\(root)/errors"))
            #expect(!process.wasKilled && process.terminationStatus != 0)
            #expect(output.contains(#""rolledBack":true"#) && !output.contains("leftOver"), "\(output)\(errors)")
            #expect(try nodes(root).isEmpty)
        }
    }

    @Test func whereRecordsCannotBeWrittenNothingIsLeftOver() throws {
        try with(
            script: "exit 0", ["--format", "json"],
            mounts: { "mount --bind \($0)/etc/iscsi \($0)/etc/iscsi && mount -o remount,bind,ro \($0)/etc/iscsi" }
        ) { host, process, root in
            try Peer.wait("the end") { !process.isRunning }
            let (output, errors) = (try text("\(root)/output"), try text("\(root)/errors"))
            #expect(!process.wasKilled && process.terminationStatus == 78, "\(errors)")
            #expect(output.contains("Read-only file system") && !output.contains("leftOver"), "\(output)\(errors)")
            #expect(access("\(root)/state/iscsi/journal", F_OK) != 0)
        }
    }

    @Test func theSecondSignalEndsAtOnceAndSaysWhoGoesOn() throws {
        try with(script: "read line <GATE") { host, process, root in
            process.send(SIGINT)
            try Peer.wait("the first answer") { try text("\(root)/errors").contains("once more ends at once") }
            #expect(process.isRunning)
            process.send(SIGINT)
            try Peer.wait("the end") { !process.isRunning }
            #expect(process.wasKilled && process.terminationStatus == SIGINT)
            #expect(try text("\(root)/errors").contains("quartermaster-agent iscsi repair \(Self.target) takes it back now"))
            #expect(try nodes(root) == [Self.target] && access("\(root)/state/iscsi/journal", F_OK) == 0)
            let repaired = try host.run(["repair", Self.target])
            #expect(repaired.status == 0 && repaired.errors.contains("an interrupted connect of \(Self.target) was taken back"))
            #expect(try nodes(root).isEmpty && access("\(root)/state/iscsi/journal", F_OK) != 0)
        }
    }

    @Test func aSignalBeforeAnythingIsBegunSaysThatNothingWasChanged() throws {
        let listener = try #require(SilentListener())
        let root = try Peer.temporaryDirectory()
        defer { Peer.remove(root) }
        let host = try WizardHost(root: root, address: "127.0.0.1")
        for arguments in [["connect", Self.target, "--portal", listener.address], ["wizard"]] {
            let gate = "\(root)/gate.\(arguments[0])"
            try #require(mkfifo(gate, 0o600) == 0)
            let process = try host.start(arguments, input: FileDescriptor(opening: gate, flags: O_RDWR))
            defer { process.send(SIGKILL) }
            try Peer.wait("the question") {
                try arguments[0] == "wizard" ? text("\(root)/errors").contains("> ") : listener.hasConnection
            }
            process.send(SIGINT)
            try Peer.wait("the end") { !process.isRunning }
            #expect(process.wasKilled && process.terminationStatus == SIGINT)
            #expect(try text("\(root)/errors").hasSuffix("interrupted: nothing was changed\n"))
            #expect(access("\(root)/state/iscsi/journal", F_OK) != 0)
        }
    }

    /// A portal that takes connections, and never says anything.
    private final class SilentListener {
        private let descriptor: Int32
        let address: String

        init?() {
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var place = sockaddr_in()
            place.sin_family = sa_family_t(AF_INET)
            place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let descriptor = descriptor
            let port = withUnsafeMutablePointer(to: &place) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
                    bind(descriptor, place, size) == 0 && listen(descriptor, 8) == 0 && getsockname(descriptor, place, &size) == 0
                }
            }
            guard port else { return nil }
            address = "127.0.0.1:\(UInt16(bigEndian: place.sin_port))"
        }

        var hasConnection: Bool {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            return poll(&waiting, 1, 0) == 1
        }

        deinit { close(descriptor) }
    }
}
