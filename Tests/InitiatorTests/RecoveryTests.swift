import Files
import Glibc
import ISCSI
import Identifiers
import Inventory
import Testing

@testable import Initiator

/// What an interrupted run had begun, while the host and its administrators went on.
@Suite struct RecoveryTests {
    private let path = "etc/iscsi/nodes/\(SetupFixture.target)/10.99.0.1,3260,1/default"

    /// A run that ends at that step, as by `kill -9`.
    private func breakOff(at step: SetupStep, _ host: SetupFixture) throws {
        let setup = host.setup(reached: { reached throws(SetupError) in
            if reached == step { throw .interrupted(step: step.rawValue) }
        })
        #expect(throws: SetupError.interrupted(step: step.rawValue)) { try setup.run(try host.preparation().plan(host.request())) }
    }

    @Test func `sessions that are used by then are left, with their records, and nothing stays to be done`() throws {
        let host = try SetupFixture()
        try breakOff(at: .verified, host)
        try host.folder.file("mounted", "")
        let before = host.picture()
        guard case .left(let entry, let reason)? = try host.setup().recover() else {
            Issue.record("it was taken back")
            return
        }
        #expect(entry.target.description == SetupFixture.target)
        #expect(reason.contains("the file system mounted on /srv/"))
        #expect(host.picture() == before)
        #expect(try host.setup().recover() == nil)
    }

    @Test func `sessions that were not as expected are taken back also later, and not while they are used`() throws {
        let host = try SetupFixture()
        let before = host.picture()
        var request = try host.request()
        request.expectedWWIDs = [try #require(WWID("naa.60014050000000000000000000000fff"))]
        try host.folder.file("mounted", "")
        let result = try host.setup().run(try host.preparation().plan(request))
        #expect(result.outcome == .wwidNotAsExpected)
        #expect(!result.isRolledBack && result.leftOver != nil)
        let error = #expect(throws: SetupError.self) { try host.setup().recover() }
        #expect(error?.outcome == .inUse)
        #expect(unlink("\(host.folder.path)/mounted") == 0)
        guard case .takenBack(_, [])? = try host.setup().recover() else {
            Issue.record("it was not taken back")
            return
        }
        #expect(host.picture() == before)
    }

    @Test func `sessions that somebody else makes before this run logs in stay`() throws {
        let host = try SetupFixture()
        try breakOff(at: .unlocked, host)
        try host.somebodyConnects("10.99.0.1:3260,1", number: 777)
        guard case .takenBack(_, [])? = try host.setup().recover() else {
            Issue.record("it was not taken back")
            return
        }
        #expect(access("\(host.folder.path)/live/777", F_OK) == 0)
        #expect(access("\(host.folder.path)/\(path)", F_OK) != 0)
    }

    @Test func `a session that somebody else made while this run logged in will do, and is not ended`() throws {
        let host = try SetupFixture()
        try host.folder.file("overtaken", "")
        #expect(try host.setup().run(try host.preparation().plan(host.request())).outcome == .connected)
        let other = try SetupFixture()
        try other.folder.file("overtaken", "")
        var request = try other.request()
        request.expectedWWIDs = [try #require(WWID("naa.60014050000000000000000000000fff"))]
        let result = try other.setup().run(try other.preparation().plan(request))
        #expect(result.outcome == .wwidNotAsExpected)
        #expect(try other.state().sessions.count == 2)
        #expect(access("\(other.folder.path)/\(path)", F_OK) != 0)
    }

    @Test func `a record that an administrator changed since is left as it is, and named`() throws {
        let host = try SetupFixture()
        try breakOff(at: .loggedIn, host)
        let theirs = "node.name = \(SetupFixture.target)\nnode.session.timeo.replacement_timeout = 5\n"
        try host.folder.file(path, theirs)
        guard case .takenBack(_, let kept)? = try host.setup().recover() else {
            Issue.record("it was not taken back")
            return
        }
        #expect(kept == ["\(host.folder.path)/\(path)"])
        #expect(try readFile("\(host.folder.path)/\(path)") == Array(theirs.utf8))
        #expect(try host.state().sessions.isEmpty)
        #expect(access("\(host.folder.path)/etc/iscsi/nodes/\(SetupFixture.target)/10.99.0.2,3260,1", F_OK) != 0)
    }

    /// What an administrator, or another program, may put in a record's place.
    @Test(arguments: ["directory", "pipe", "link", "large", "folder", "nodes"])
    func `what has come into a record's place is left as it is, and named`(_ kind: String) throws {
        let host = try SetupFixture()
        try breakOff(at: .loggedIn, host)
        let (place, folder) = ("\(host.folder.path)/\(path)", "\(host.folder.path)/etc/iscsi/nodes/\(SetupFixture.target)/10.99.0.1,3260,1")
        let elsewhere = "\(host.folder.path)/elsewhere"
        switch kind {
        case "folder", "nodes":
            let moved = kind == "folder" ? folder : "\(host.folder.path)/etc/iscsi/nodes/\(SetupFixture.target)"
            #expect(rename(moved, elsewhere) == 0 && symlink(elsewhere, moved) == 0)
        case "large": try host.folder.file(path, String(repeating: "x", count: RecordText.maximumBytes + 1))
        default:
            #expect(unlink(place) == 0)
            switch kind {
            case "directory": #expect(mkdir(place, 0o700) == 0)
            case "pipe": #expect(mkfifo(place, 0o600) == 0)
            default: #expect(symlink("/dev/null", place) == 0)
            }
        }
        guard case .takenBack(_, let kept)? = try host.setup().recover() else {
            Issue.record("it was not taken back")
            return
        }
        #expect(kept.contains(place))
        var status = stat()
        #expect(lstat(place, &status) == 0)
        #expect(try host.state().sessions.isEmpty)
        #expect(try host.setup().recover() == nil)
        if kind != "nodes" { #expect(access("\(host.folder.path)/etc/iscsi/nodes/\(SetupFixture.target)/10.99.0.2,3260,1", F_OK) != 0) }
    }

    /// As where the disk is full: what is wrong goes all the same.
    @Test func `what is not as expected is taken back also where the journal cannot be written once more`() throws {
        let host = try SetupFixture()
        let before = host.picture()
        var request = try host.request()
        request.expectedWWIDs = [try #require(WWID("naa.60014050000000000000000000000fff"))]
        let (state, plan) = (host.journal.directory, try host.preparation().plan(request))
        let setup = host.setup(reached: { step throws(SetupError) in if step == .loggedIn { chmod(state, 0o750) } })
        let result = try setup.run(plan)
        #expect(result.outcome == .wwidNotAsExpected && result.leftOver != nil)
        #expect(host.picture() == before)
        #expect(chmod(state, 0o700) == 0)
        guard case .takenBack(_, [])? = try host.setup().recover() else {
            Issue.record("nothing was known of it any more")
            return
        }
        #expect(host.picture() == before)
    }

    @Test func `that a set-up failed is noted within its journal where there is no room for another`() throws {
        let host = try SetupFixture()
        try breakOff(at: .loggedIn, host)
        var entry = try #require(try host.journal.load())
        #expect(!entry.hasFailed)
        for _ in 0..<2 {
            try host.journal.noteFailureInPlace()
            entry.hasFailed = true
            #expect(try host.journal.load() == entry)
        }
    }

    @Test func `a failure of a file has its own reason`() throws {
        let host = try SetupFixture()
        try host.folder.file("etc/iscsi/nodes", "")
        let image = FileImage(path: "nodes/\(SetupFixture.target)/10.99.0.1,3260,1/default", content: .file(SecretBytes([]), mode: 0o600))
        let error = #expect(throws: SetupError.self) { try host.database.put(image) }
        guard case .file(let reason)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.errno == ENOTDIR)
    }

    @Test(.enabled(if: geteuid() == 0, "not root"))
    func `a journal of another user is refused as that`() throws {
        let host = try SetupFixture()
        try breakOff(at: .loggedIn, host)
        #expect(chown(host.journal.path, 65_534, 65_534) == 0)
        let error = #expect(throws: SetupError.self) { try host.setup().recover() }
        #expect(error?.description.contains("belongs to another user") == true && error?.outcome == .initiatorMisconfigured)
    }

    @Test func `who waits for a lock is not sent to the network`() {
        for error in [SetupError.busy(path: "/lock"), .databaseLocked(path: "/lock")] {
            #expect(error.outcome == .timedOut && error.nextStep?.contains("network") == false)
        }
    }

    @Test(arguments: [true, false])
    func `after the host has started anew, what is connected again stays, and else the files are as before`(_ isConnected: Bool) throws {
        let host = try SetupFixture()
        let before = host.picture()
        try breakOff(at: .loggedIn, host)
        for name in try FileDescriptor(directory: "\(host.folder.path)/live").names() {
            #expect(unlink("\(host.folder.path)/live/\(name)") == 0)
        }
        if isConnected { try host.somebodyConnects("10.99.0.1:3260,1", number: 1) }
        let stood = host.picture()
        switch (try host.setup(boot: "boot-2").recover(), isConnected) {
        case (.left, true): #expect(host.picture() == stood)
        case (.takenBack(_, []), false): #expect(host.picture() == before)
        case (let other, _): Issue.record("\(String(describing: other))")
        }
    }

    @Test func `each path shows each unit that is expected`() throws {
        let host = try SetupFixture()
        _ = try host.setup().run(try host.preparation().plan(host.request()))
        let state = try host.state()
        let units = state.sessions.flatMap(\.units)
        try #require(units.count == 2 && units[0].wwid != units[1].wwid)
        var plan = SetupPlan(
            operation: .connect, target: state.sessions[0].target,
            logins: ["10.99.0.1", "10.99.0.2"].map {
                RecordName(target: state.sessions[0].target, address: $0, port: 3260, portalGroupTag: 1)
            })
        plan.expectation.wwids = [try #require(units[0].wwid)]
        let verification = Verification(plan: plan, state: { state }, pollingInterval: .milliseconds(1))
        let missing = try #require(verification.missing(state, state.sessions))
        #expect(missing.outcome == .wwidNotAsExpected)
        #expect(missing.detail.contains("session \(state.sessions[1].number)"))
    }

    /// The session of the second portal is this command's; sda came through the first one before. One WWID a disk, and the maps over them.
    @Test(
        arguments: [
            ("one map over both", [["sda", "sdb"]], ["a", "a"], nil), ("no map", [], ["a", "a"], .timedOut),
            ("a map without the new path", [["sda"]], ["a", "a"], .timedOut),
            ("a map without the old path", [["sdb"]], ["a", "a"], .timedOut),
            ("a map for each", [["sda"], ["sdb"]], ["a", "a"], .initiatorMisconfigured),
            ("two units, a map for each", [["sda"], ["sdb"]], ["a", "b"], nil), ("two units, no map", [], ["a", "b"], nil),
            ("one map over two units", [["sda", "sdb"]], ["a", "b"], .wwidNotAsExpected),
        ] as [(String, [[String]], [String], ISCSIOutcome?)])
    func `paths of one unit lie below one map, also those of before`(
        _ what: String, _ maps: [[String]], _ wwids: [String], _ outcome: ISCSIOutcome?
    ) throws {
        let target = try #require(ISCSIName(SetupFixture.target))
        var inventory = Inventory(host: Inventory.Host())
        for (number, name) in ["sda", "sdb"].enumerated() {
            var session = Inventory.Session(name: "session\(number + 1)")
            (session.target, session.state, session.interface) = (target, "LOGGED_IN", "default")
            session.portals = [.init(address: "10.99.0.\(number + 1)", port: 3260)]
            inventory.sessions.append(session)
            var disk = Inventory.BlockDevice(name: name, kind: "disk")
            disk.wwid = WWID("naa.6001405000000000000000000000000\(wwids[number])")
            disk.logicalUnit = Inventory.LogicalUnit(lun: 0, session: session.name)
            inventory.blockDevices.append(disk)
        }
        for (number, parents) in maps.enumerated() {
            inventory.blockDevices.append(Inventory.BlockDevice(name: "dm-\(number)", kind: "multipath", parents: parents))
        }
        let state = HostState(inventory)
        var plan = SetupPlan(
            operation: .connect, target: target,
            logins: [RecordName(target: target, address: "10.99.0.2", port: 3260, portalGroupTag: 1)])
        plan.expectation.multipath = true
        let verification = Verification(plan: plan, state: { state }, pollingInterval: .milliseconds(1))
        let missing = verification.missing(state, state.sessions.filter { $0.number == 2 })
        #expect(missing?.outcome == outcome, "\(what): \(missing?.detail ?? "nothing is missing")")
        plan.expectation.multipath = false
        let without = Verification(plan: plan, state: { state }, pollingInterval: .milliseconds(1))
        #expect(without.missing(state, state.sessions.filter { $0.number == 2 }) == nil)
    }
}
