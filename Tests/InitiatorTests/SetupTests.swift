import Files
import Glibc
import ISCSI
import Identifiers
import Synchronization
import Testing

@testable import Initiator

@Suite struct SetupTests {
    @Test func `a plan writes records, links and sessions, and tells no secret`() throws {
        let host = try SetupFixture()
        let plan = try host.preparation().plan(host.request())
        let paths: [String] = plan.changes.map(\.after.path)
        #expect(
            paths == [
                "nodes/iqn.2026-11.lab.example:t1/10.99.0.1,3260,1/default", "static/iqn.2026-11.lab.example:t1,10.99.0.1,3260,1,default",
                "nodes/iqn.2026-11.lab.example:t1/10.99.0.2,3260,1/default", "static/iqn.2026-11.lab.example:t1,10.99.0.2,3260,1,default",
            ])
        #expect(plan.logins.map(\.portal) == ["10.99.0.1:3260,1", "10.99.0.2:3260,1"])
        let told = plan.lines(folder: "/etc/iscsi").joined() + plan.jsonText
        #expect(!told.contains("planted-secret"))
        #expect(told.contains("node.session.auth.username"))
        let result = try host.setup().run(plan)
        #expect(result.outcome == .connected)
        #expect(result.sessions.count == 2)
        let record = try #require(try host.database.record(plan.logins[0]))
        #expect(record.text("node.session.auth.password") == "planted-secret-1")
        #expect(record.text("node.session.auth.chap_algs") == "SHA3-256,SHA256")
        #expect(record.text("node.session.queue_depth") == "64")
        #expect(try host.journal.load() == nil)
        let calls = String(decoding: try readFile("\(host.folder.path)/calls"), as: UTF8.self)
        #expect(calls.split(separator: "\n").count == 2 && calls.contains("--login"))
        #expect(!calls.contains("planted"))
        let planted = Array("planted-secret-1".utf8).map { "\($0)" }.joined(separator: ", ")
        var dumped = ""
        dump(plan, to: &dumped)
        dump(record, to: &dumped)
        dump(try host.database.defaults(), to: &dumped)
        for text in [dumped, "\(plan)", String(reflecting: plan), "\(record)", String(reflecting: record)] {
            #expect(!text.contains("planted-secret") && !text.contains(planted))
        }
    }

    @Test func `a portal that the target names on this host itself is told and left out`() throws {
        let host = try SetupFixture()
        let others = try ["127.0.0.1:2222", "169.254.169.254:80", "localhost:22"].map { try #require(PortalAddress($0)) }
        let plan = try host.preparation(others: others).plan(host.request())
        #expect(plan.logins.map(\.portal) == ["10.99.0.1:3260,1", "10.99.0.2:3260,1"])
        #expect(
            plan.advice == [
                "10.99.0.1:3260 names the portal 127.0.0.1:2222, which is this host itself: not followed",
                "10.99.0.1:3260 names the portal 169.254.169.254:80, which is an address that is good on one link only: not followed",
                "10.99.0.1:3260 names the portal localhost:22, which is this host itself: not followed",
            ])
    }

    @Test func `other credentials change nothing of a record but its authentication`() throws {
        let host = try SetupFixture()
        let path = "etc/iscsi/nodes/iqn.2026-11.lab.example:t1/10.99.0.1,3260,1/default"
        try host.folder.file(path, "node.name = iqn.2026-11.lab.example:t1\nnode.startup = onboot\nnode.conn[0].startup = manual\n")
        let request = try host.request()
        let plan = try host.preparation().plan(credentials: try #require(request.credentials), for: request.target)
        #expect(plan.changes.flatMap(\.settings).allSatisfy { $0.key.hasPrefix("node.session.auth.") })
        let result = try host.setup().run(plan)
        #expect(result.outcome == .done)
        let record = try RecordText(readFile("\(host.folder.path)/\(path)"), path: path)
        #expect(record.text("node.startup") == "onboot")
        #expect(record.text("node.conn[0].startup") == "manual")
        #expect(record.text("node.session.auth.password") == "planted-secret-1")
        #expect(try host.preparation().plan(credentials: try #require(request.credentials), for: request.target).changes.isEmpty)
    }

    @Test func `a new record is checked with the credentials that iscsid's settings give it`() throws {
        let host = try SetupFixture()
        try host.folder.file(
            "etc/iscsi/iscsid.conf",
            "node.session.auth.authmethod = CHAP\nnode.session.auth.username = host9\nnode.session.auth.password = planted-secret-9\n")
        let users = Mutex<[String?]>([])
        var request = try host.request(allPortals: false)
        request.credentials = nil
        _ = try host.preparation(asked: { credentials, _ in users.withLock { $0.append(credentials?.user) } }).plan(request)
        #expect(users.withLock { $0 } == ["host9"])
    }

    @Test(arguments: ["10.99.0.1,3260", "10.99.0.1,3260,1/default"])
    func `the record that a portal has already is the one that is changed`(_ place: String) throws {
        let host = try SetupFixture()
        let path = "nodes/\(SetupFixture.target)/\(place)"
        try host.folder.file(
            "etc/iscsi/\(path)",
            "node.name = x\nnode.startup = onboot\nnode.session.auth.authmethod = CHAP\nnode.session.auth.username = host9\nnode.session.auth.password = planted-secret-9\n"
        )
        let users = Mutex<[String?]>([])
        var request = try host.request(allPortals: false)
        request.credentials = nil
        let plan = try host.preparation(asked: { credentials, _ in users.withLock { $0.append(credentials?.user) } }).plan(request)
        #expect(users.withLock { $0 } == ["host9"])
        // As it is: the firmware starts it, and nobody asked for anything else.
        #expect(plan.changes.isEmpty)
        request.startup = .automatic
        let other = try host.preparation().plan(request)
        #expect(other.changes.map(\.after.path) == [path])
        #expect(other.changes.flatMap(\.settings).map(\.key) == ["node.startup", "node.conn[0].startup"])
    }

    @Test func `portals that one names are looked up together, bounded in number and time`() throws {
        let host = try SetupFixture()
        let calls = Mutex<[[String]]>([])
        let address = try #require(IPAddress("10.99.1.1"))
        let others = try (0..<4000).map { try #require(PortalAddress("array\($0).example")) }
        var preparation = host.preparation(others: others) { names in
            calls.withLock { $0.append(names) }
            return Dictionary(uniqueKeysWithValues: names.map { ($0, .addresses([address])) })
        }
        let plan = try preparation.plan(host.request())
        // Two are addresses.
        #expect(plan.logins.count == 64 && calls.withLock { $0.map(\.count) } == [62])
        #expect(plan.advice.contains("10.99.0.1:3260 names 4002 portals; 64 of them are followed"), "\(plan.advice)")
        preparation.patience = .zero
        let late = #expect(throws: SetupError.self) { try preparation.plan(host.request()) }
        #expect(late?.outcome == .timedOut)
        let silent = host.preparation(others: [others[0]]) { Dictionary(uniqueKeysWithValues: $0.map { ($0, .failed("no answer")) }) }
        let unknown = #expect(throws: SetupError.self) { try silent.plan(host.request()) }
        #expect(unknown?.outcome == .unreachable)
    }

    @Test func `a digest that a record or iscsid's settings leave out is not offered, and not let in`() throws {
        let host = try SetupFixture()
        try host.folder.file("etc/iscsi/iscsid.conf", "node.session.auth.chap_algs = SHA3-256, SHA1\n")
        let offered = Mutex<[[CHAPAlgorithm]]>([])
        let preparation = host.preparation(asked: { _, algorithms in offered.withLock { $0.append(algorithms) } })
        let plan = try preparation.plan(host.request(allPortals: false))
        #expect(offered.withLock { $0 } == [CHAPAlgorithm.available.filter { $0 != .md5 }])
        #expect(plan.changes.flatMap(\.settings).first { $0.key.hasSuffix("chap_algs") }?.value == "SHA3-256,SHA256")
        // With the credentials that are recorded it is iscsid's list, as it is.
        let path = "etc/iscsi/nodes/\(SetupFixture.target)/10.99.0.1,3260,1/default"
        let credentials =
            "node.session.auth.authmethod = CHAP\nnode.session.auth.username = host9\nnode.session.auth.password = planted-secret-9\n"
        try host.folder.file(path, credentials + "node.session.auth.chap_algs = SHA1\n")
        var request = try host.request(allPortals: false)
        request.credentials = nil
        _ = try preparation.plan(request)
        #expect(offered.withLock { $0.last } == [.sha1])
        try host.folder.file(path, credentials + "node.session.auth.chap_algs = SHA512\n")
        let error = #expect(throws: SetupError.self) { try preparation.plan(request) }
        #expect(error?.outcome == .noCommonAlgorithm)
    }

    @Test func `with Red Hat's packages records lie in var/lib/iscsi, and settings where they always are`() throws {
        let host = try SetupFixture()
        try makeDirectories("\(host.folder.path)/var/lib/iscsi/nodes")
        let plan = try host.preparation().plan(host.request())
        #expect(plan.jsonText.contains(#""/var/lib/iscsi/nodes/"#) && !plan.jsonText.contains("/etc/iscsi/"))
        #expect(try host.setup().run(plan).outcome == .connected)
        let record = try #require(try host.database.record(plan.logins[0]))
        #expect(record.text("node.session.queue_depth") == "64")
        let link = try host.database.image("static/\(SetupFixture.target),10.99.0.1,3260,1,default")
        #expect(link.content == .link("/var/lib/iscsi/nodes/\(SetupFixture.target)/10.99.0.1,3260,1"))
        #expect(access("\(host.folder.path)/etc/iscsi/nodes", F_OK) != 0)
        #expect(try KnownTargets.read(sysroot: host.folder.path).recorded.map(\.description) == [SetupFixture.target])
    }

    @Test func `where open-iscsi's lock cannot be had nothing is done, and nothing stays to be done`() throws {
        let host = try SetupFixture()
        let before = host.picture()
        let plan = try host.preparation().plan(host.request())
        #expect(chmod("\(host.folder.path)/run/lock/iscsi", 0o777) == 0)
        let result = try host.setup().run(plan)
        #expect(result.outcome == .initiatorMisconfigured)
        #expect(!result.isRolledBack && result.leftOver == nil)
        #expect(host.picture() == before)
        #expect(try host.journal.load() == nil)
    }

    @Test func `where all portals have their session there is nothing to do`() throws {
        let host = try SetupFixture()
        _ = try host.setup().run(try host.preparation().plan(host.request()))
        let error = #expect(throws: SetupError.self) { try host.preparation().plan(host.request()) }
        #expect(error?.outcome == .alreadyConnected)
    }

    @Test func `a login that fails leaves everything as it was`() throws {
        let host = try SetupFixture()
        let before = host.picture()
        try host.folder.file("refuses", "")
        let result = try host.setup().run(try host.preparation().plan(host.request()))
        #expect(result.outcome == .wrongUserOrSecret)
        #expect(result.isRolledBack)
        #expect(host.picture() == before)
    }

    @Test func `another WWID than expected leaves everything as it was, an old record byte for byte`() throws {
        let host = try SetupFixture()
        let record = "# BEGIN RECORD 2.0-874\nnode.name = iqn.2026-11.lab.example:t1\nnode.tpgt = 1\nnode.odd   =  1\n# END RECORD\n"
        try host.folder.file("etc/iscsi/nodes/iqn.2026-11.lab.example:t1/10.99.0.1,3260,1/default", record, mode: 0o640)
        let before = host.picture()
        var request = try host.request()
        request.expectedWWIDs = [try #require(WWID("naa.60014050000000000000000000000fff"))]
        let result = try host.setup().run(try host.preparation().plan(request))
        #expect(result.outcome == .wwidNotAsExpected)
        #expect(result.isRolledBack)
        #expect(host.picture() == before)
    }

    @Test func `a record that was changed after the plan is not overwritten`() throws {
        let host = try SetupFixture()
        let plan = try host.preparation().plan(host.request())
        try host.folder.file("etc/iscsi/nodes/iqn.2026-11.lab.example:t1/10.99.0.1,3260,1/default", "node.name = other\n")
        let result = try host.setup().run(plan)
        #expect(result.outcome == .initiatorMisconfigured)
        #expect(try host.journal.load() == nil)
        let path = "\(host.folder.path)/etc/iscsi/nodes/iqn.2026-11.lab.example:t1/10.99.0.1,3260,1/default"
        #expect(try readFile(path) == Array("node.name = other\n".utf8))
    }

    /// A crash after each durable step, also while it is taken back.
    @Test func `after a crash at any step the next run puts everything back, byte for byte`() throws {
        var steps = 0
        var isBrokenOff = true
        while isBrokenOff {
            steps += 1
            let host = try SetupFixture()
            try host.folder.file(
                "etc/iscsi/nodes/iqn.2026-11.lab.example:t1/10.99.0.1,3260,1/default",
                "node.name = iqn.2026-11.lab.example:t1\nnode.x = 1\n")
            let before = host.picture()
            let plan = try host.preparation().plan(host.request())
            let count = Mutex(0)
            let limit = steps
            let breakOff: @Sendable (SetupStep) throws(SetupError) -> Void = { step throws(SetupError) in
                let isNow = count.withLock { count in
                    count += 1
                    return count == limit
                }
                if isNow { throw .interrupted(step: step.rawValue) }
            }
            isBrokenOff = false
            do throws(SetupError) {
                _ = try host.setup(reached: breakOff).run(plan)
            } catch {
                guard case .interrupted(let step) = error else { throw error }
                isBrokenOff = true
                if step == SetupStep.journalRemoved.rawValue { continue }
                try putBack(host, step)
                #expect(host.picture() == before, "\(step), the \(steps). step")
            }
        }
        #expect(steps > 8)
    }

    /// Itself broken off at each of its steps.
    private func putBack(_ host: SetupFixture, _ step: String) throws {
        for _ in 0..<100 {
            let isFirst = Mutex(true)
            do throws(SetupError) {
                _ = try host.setup(reached: { step throws(SetupError) in
                    let breaks = isFirst.withLock { first in
                        defer { first = false }
                        return first && step == .loggedOut
                    }
                    if breaks { throw .interrupted(step: step.rawValue) }
                }).recover()
                return
            } catch {
                guard case .interrupted = error else { throw error }
            }
        }
        Issue.record("it never ends (\(step))")
    }

    @Test func `an interface that is a network device gets its record`() throws {
        let host = try SetupFixture()
        var request = try host.request(allPortals: false)
        request.interface = "eth7"
        let plan = try host.preparation().plan(request)
        #expect(plan.changes.first?.after.path == "ifaces/eth7")
        #expect(plan.logins.map(\.interface) == ["eth7"])
        request.interface = "eth8"
        let error = #expect(throws: SetupError.self) { try host.preparation().plan(request) }
        #expect(error?.outcome == .invalidParameter)
    }

    @Test func `the same secret in both directions is refused before anybody is asked`() throws {
        let host = try SetupFixture()
        var request = try host.request()
        let secret = CHAPSecret("planted-secret-1".utf8)
        request.credentials = CHAPCredentials(user: "host1", secret: secret, mutual: .init(user: "array1", secret: secret))
        let error = #expect(throws: SetupError.self) { try host.preparation().plan(request) }
        #expect(error?.outcome == .invalidParameter)
    }
}

@Suite struct SetupJournalTests {
    private func entry() throws -> SetupJournal.Entry {
        let name = try #require(ISCSIName(SetupFixture.target))
        return SetupJournal.Entry(
            operation: .connect, target: name,
            changes: [
                change("nodes/a/b", .file([0, 0xFF, 0x0A], mode: 0o640), .absent),
                change("static/x", .link("/y"), .link("/z")),
                change("ifaces/z", .absent, .file([], mode: 0o600)),
            ], folders: ["nodes"],
            logins: [RecordName(target: name, address: "fd00::1", port: 3260, portalGroupTag: nil, interface: "eth0")],
            boot: "c1f6b4a4-0000-0000-0000-000000000000", standing: [3, 17], hasBegunLogins: true, hasFailed: true)
    }

    private func change(_ path: String, _ before: FileImage.Content, _ after: FileImage.Content) -> SetupJournal.Entry.Change {
        SetupJournal.Entry.Change(before: FileImage(path: path, content: before), after: FileImage(path: path, content: after))
    }

    @Test func `who changes nothing makes nothing, and reads what is there`() throws {
        let folder = try TestFolder()
        let journal = SetupJournal("\(folder.path)/iscsi")
        #expect(try journal.pending() == nil)
        #expect(try journal.lockIfThere() == nil)
        #expect(folder.picture("").keys.allSatisfy { !$0.contains("iscsi") })
        _ = try journal.lock()
        try journal.write(try entry())
        let before = folder.picture("")
        #expect(try journal.pending() == entry())
        #expect(try journal.lockIfThere() != nil)
        #expect(folder.picture("") == before)
    }

    @Test func `what is written is read again, from a file of 0600 in a folder of 0700`() throws {
        let folder = try TestFolder()
        let journal = SetupJournal("\(folder.path)/iscsi")
        let lock = try journal.lock()
        try journal.write(try entry())
        #expect(try journal.load() == entry())
        let picture = folder.picture("")
        #expect(picture["\(folder.path)//iscsi"] == "folder 700")
        #expect(picture["\(folder.path)//iscsi/journal"]?.hasPrefix("file 600") == true)
        #expect(throws: SetupError.busy(path: "\(folder.path)/iscsi/lock")) { try journal.lock() }
        withExtendedLifetime(lock) {}
    }

    @Test(arguments: ["../x", "/etc/passwd", "a/../b", "", "a//b"])
    func `a path that leads out is damage`(_ path: String) throws {
        let folder = try TestFolder()
        let text =
            #"{"format":"quartermaster-iscsi-journal/1","operation":"connect","target":"iqn.2026-11.lab.example:t1","boot":"b","changes":[{"path":"\#(path)","before":{"kind":"absent"},"after":{"kind":"absent"}}],"folders":[],"logins":[],"standing":[],"hasBegunLogins":false,"hasFailed":false}"#
        try folder.file("iscsi/journal", text)
        let error = #expect(throws: SetupError.self) { try SetupJournal("\(folder.path)/iscsi").load() }
        guard case .journalDamaged = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `a folder that others may enter is refused`() throws {
        let folder = try TestFolder()
        try folder.file("iscsi/journal", "{}")
        chmod("\(folder.path)/iscsi", 0o755)
        #expect(throws: SetupError.stateOpen(path: "\(folder.path)/iscsi")) { try SetupJournal("\(folder.path)/iscsi").load() }
    }
}
