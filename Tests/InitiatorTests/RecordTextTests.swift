import ISCSI
import Identifiers
import Testing

@testable import Initiator

@Suite struct RecordTextTests {
    @Test(arguments: RecordFixture.allCases)
    func `a record that nothing is changed of is the same bytes`(_ fixture: RecordFixture) throws {
        #expect(try fixture.record().bytes == SecretBytes(fixture.bytes()))
    }

    @Test func `a changed value stands in its place, and all else stays, unknown keys too`() throws {
        var record = try RecordText(
            Array("# BEGIN RECORD 9\nnode.name = x\n  node.future\t=  7 \nnode.startup = manual\n# END RECORD\n".utf8), path: "")
        record.set("node.startup", SecretBytes("automatic".utf8))
        #expect(
            String(decoding: record.bytes, as: UTF8.self)
                == "# BEGIN RECORD 9\nnode.name = x\n  node.future\t=  7 \nnode.startup = automatic\n# END RECORD\n")
        #expect(record.text("node.future") == "7")
    }

    @Test func `what is set on a plain record gives the record that iscsiadm makes of it`() throws {
        var record = try RecordFixture.plain.record()
        let settings = [
            ("node.name", "iqn.2026-11.lab.example:t5"), ("node.session.auth.chap_algs", "SHA3-256,SHA256,SHA1,MD5"),
            ("node.session.auth.password_in", "golden-secret-2"), ("node.session.auth.authmethod", "CHAP"),
            ("node.session.auth.password", "golden sec#ret=1"), ("node.session.auth.username", "host1"),
            ("node.session.auth.username_in", "array1"), ("node.startup", "automatic"), ("node.conn[0].startup", "automatic"),
            ("node.conn[0].iscsi.HeaderDigest", "CRC32C,None"), ("node.session.nr_sessions", "2"),
        ]
        for (key, value) in settings { record.set(key, SecretBytes(value.utf8), after: NodeDefaults.predecessors(of: key)) }
        #expect(try String(decoding: record.bytes, as: UTF8.self) == String(decoding: RecordFixture.chap.bytes(), as: UTF8.self))
    }

    @Test func `a key that stands twice counts by its last, and is one when it is set`() throws {
        var record = try RecordText(Array("a.b = 1\na.c = 2\na.b = 3\n".utf8), path: "")
        #expect(record.text("a.b") == "3")
        record.set("a.b", SecretBytes("4".utf8))
        #expect(record.bytes == SecretBytes("a.b = 4\na.c = 2\n".utf8))
        record.set("a.b", nil)
        #expect(record.bytes == SecretBytes("a.c = 2\n".utf8))
    }

    /// As open-iscsi's own reader takes them.
    @Test(arguments: [
        ("a.b=1", nil), ("a.b =1", "1"), ("a.b = ", nil), ("a.b", nil), ("#a.b = 1", nil), ("\ta.b\t=\tx y ", "x y"), ("a.b = = 1", "= 1"),
        ("a.b = #1", "#1"), (" = 1", nil), ("", nil),
    ])
    func `lines are read as open-iscsi reads them`(_ line: String, _ value: String?) throws {
        #expect(try RecordText(Array("\(line)\n".utf8), path: "").text("a.b") == value)
    }

    @Test func `what open-iscsi would not read whole is refused`() {
        let long = Array(repeating: UInt8(ascii: "x"), count: RecordText.maximumLine + 1)
        #expect(throws: SetupError.record(path: "p", line: 2, reason: "is longer than 2046 bytes")) {
            try RecordText(Array("\n".utf8) + long, path: "p")
        }
        #expect(throws: SetupError.record(path: "p", line: 1, reason: "has a NUL")) {
            try RecordText([0x61, 0, 0x62] as [UInt8], path: "p")
        }
        #expect(throws: SetupError.self) { try RecordText(Array(repeating: 0x0A, count: RecordText.maximumBytes + 1), path: "p") }
    }

    @Test func `a file without its last newline keeps that`() throws {
        #expect(try RecordText(Array("a.b = 1".utf8), path: "").bytes == SecretBytes("a.b = 1".utf8))
        #expect(try RecordText([UInt8](), path: "").bytes == [])
    }
}

@Suite struct NodeDefaultsTests {
    private static func name(_ target: String, _ address: String, _ tag: UInt16?, _ interface: String = "default") throws -> RecordName {
        RecordName(target: try #require(ISCSIName(target)), address: address, port: 3260, portalGroupTag: tag, interface: interface)
    }

    @Test func `a new record is the one that iscsiadm makes`() throws {
        let defaults = NodeDefaults()
        let made = [
            (defaults.record(try Self.name("iqn.2026-11.lab.example:t1", "10.99.0.1", 1), interface: .default), RecordFixture.plain),
            (defaults.record(try Self.name("iqn.2026-11.lab.example:t2", "10.99.0.1", nil), interface: .default), .flat),
            (defaults.record(try Self.name("iqn.2026-11.lab.example:t3", "fd00::1", 1), interface: .default), .ipv6),
            (
                defaults.record(
                    try Self.name("iqn.2026-11.lab.example:t4", "10.99.0.1", 1, "lab1"),
                    interface: InterfaceRecord(name: "lab1", record: try RecordFixture.boundInterface.record())), .interface
            ),
        ]
        for (record, fixture) in made {
            #expect(try String(decoding: record.bytes, as: UTF8.self) == String(decoding: fixture.bytes(), as: UTF8.self))
        }
    }

    @Test func `an interface bound to a network device is the record that iscsiadm makes, and its device`() throws {
        var expected = try RecordFixture.newInterface.record()
        expected.set("iface.net_ifacename", SecretBytes("eth0".utf8), after: NodeDefaults.predecessors(of: "iface.net_ifacename"))
        #expect(InterfaceRecord(binding: "eth0").record.bytes == expected.bytes)
    }

    @Test func `what iscsid's settings say of nodes is taken, but for what open-iscsi would not take`() throws {
        let settings = """
            # comment
            node.session.queue_depth = 64
            node.startup=automatic
            node.session.scan = sometimes
            node.session.auth.chap_algs = SHA256,MD5
            discovery.sendtargets.timeo.login_timeout = 3
            node.session.bogus = 1

            """
        let record = NodeDefaults(daemonSettings: try RecordText(Array(settings.utf8), path: "")).record(
            try Self.name("iqn.2026-11.lab.example:t1", "10.99.0.1", 1), interface: .default)
        #expect(record.text("node.session.queue_depth") == "64")
        #expect(record.text("node.startup") == "manual")
        #expect(record.text("node.session.scan") == "auto")
        #expect(record.text("node.session.auth.chap_algs") == "SHA256,MD5")
        #expect(record.settings.count == (try RecordFixture.plain.record().settings.count))
    }

    @Test(arguments: ["../../etc", "a,b", "-T", ".hidden", "a/b", "", "a b", "x\u{0}y"])
    func `what may not stand in a path or an argument is no address`(_ text: String) {
        #expect(!RecordName.isAddress(text))
        #expect(RecordName.portal("\(text),3260,1") == nil)
    }
}
