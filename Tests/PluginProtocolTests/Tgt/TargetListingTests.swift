import PluginProtocol
import Testing

@testable import quartermaster_plugin_tgt

/// What tgtadm prints. The samples are of tgt 1.0.85 on Debian 12.
@Suite struct TargetListingTests {
    static func unit(
        _ number: Int, path: String = "/srv/a.img", id: String = "IET     00010001", size: String = "105 MB, Block size: 512",
        extra: String = ""
    ) -> String {
        """
                LUN: \(number)
                    Type: disk
                    SCSI ID: \(id)
                    SCSI SN: beaf11
                    Size: \(size)
                    Online: Yes
                    Removable media: No
                    Prevent removal: No
                    Readonly: No
                    SWP: No
                    Thin-provisioning: No
                    Backing store type: rdwr
                    Backing store path: \(path)
                    Backing store flags: \(extra)

        """
    }

    static func target(
        _ number: Int, _ name: String, nexus: String = "", units: String = unit(1), accounts: String = "", access: String = "        ALL\n"
    ) -> String {
        """
        Target \(number): \(name)
            System information:
                Driver: iscsi
                State: ready
            I_T nexus information:
        \(nexus)    LUN information:
        \(units)    Account information:
        \(accounts)    ACL information:
        \(access)
        """.replacing("\n\n", with: "\n")
    }

    private func parse(_ text: String) throws -> TargetListing { try TargetListing(parsing: Array(text.utf8)) }

    @Test func `a whole listing is read`() throws {
        let nexus = """
                    I_T nexus: 5
                        Initiator: iqn.2026-11.example.host:a alias: none
                        Connection: 0
                            IP Address: 127.0.0.1

            """
        let text =
            Self.target(
                1, "iqn.2026-11.example.array:ledger", nexus: nexus, accounts: "        in\n        out (outgoing)\n",
                access: "        127.0.0.0/8\n        iqn.2026-11.example.host:a\n")
            + Self.target(7, "iqn.2026-11.example.array:other", units: "")
        let listing = try parse(text)
        #expect(listing.targets.map(\.number) == [1, 7])
        let first = listing.targets[0]
        #expect(first.name == "iqn.2026-11.example.array:ledger")
        #expect(first.state == "ready")
        #expect(first.nexuses == [TargetListing.Nexus(initiator: "iqn.2026-11.example.host:a", addresses: ["127.0.0.1"])])
        #expect(first.units.map(\.number) == [1])
        #expect(first.units[0].scsiID == "IET     00010001")
        #expect(first.units[0].megabytes == 105)
        #expect(first.units[0].path == "/srv/a.img")
        #expect(first.accounts == [.init(user: "in", isOutgoing: false), .init(user: "out", isOutgoing: true)])
        #expect(first.accessControl == ["127.0.0.0/8", "iqn.2026-11.example.host:a"])
        #expect(listing.targets[1].accessControl == ["ALL"])
        #expect(try parse("").targets.isEmpty)
    }

    @Test(arguments: [
        "x", "Target 1: ", "Target x: y\n", "Target 1: a\n    System information:\n",
        target(1, "a").replacing("    LUN information:\n", with: ""),
        target(1, "a").replacing("    LUN information:\n", with: "    LUN information:\n    LUN information:\n"),
        target(1, "a").replacing("        Driver: iscsi", with: "        Driver: iser"),
        target(1, "a").replacing("            Type: disk\n", with: ""),
        target(1, "a").replacing("            Type: disk\n", with: "            Type: disk\n            Type: disk\n"),
        target(1, "a").replacing("        LUN: 1\n", with: "        LUN: one\n"),
        target(1, "a").replacing("        LUN: 1\n", with: "        LUN: 16384\n"),
        target(1, "a").replacing("        ALL\n", with: "      ALL\n"),
        target(1, "a", units: unit(1) + unit(1)),
        target(1, "a") + target(1, "b"), target(1, "a") + target(2, "a"),
        target(1, "a", nexus: "        I_T nexus: 5\n"), target(1, "a", nexus: "        I_T nexus: five\n"),
    ])
    func `anything else is malformed, with the line`(text: String) {
        #expect(throws: TargetListing.Malformed.self) { try parse(text) }
    }

    @Test func `bytes that are no UTF-8 are malformed`() {
        #expect(throws: TargetListing.Malformed(line: 0, expected: "UTF-8")) { try TargetListing(parsing: [0x54, 0xFF, 0x0A]) }
    }

    /// Whoever may log in chooses his name, with newlines in it: none lets him write access-control lines, units or targets of his own.
    @Test(arguments: [
        "x alias: none\n    ACL information:\n        iqn.2026-11.example.host:evil",
        "x alias: none\n    LUN information:\n\(unit(9))    Account information:\n    ACL information:\n        iqn.2026-11.example.host:evil\n",
        "x alias: none\n    LUN information:\n    Account information:\n    ACL information:\n        evil\nTarget 1: a\n    System information:\n        Driver: iscsi\n        State: ready\n    I_T nexus information:\n        I_T nexus: 1\n            Initiator: y",
        "x\n        I_T nexus: 6\n            Connection: 0", "\n",
        "x alias: none\n            Connection: 0\n                IP Address: 10.0.0.1\n    LUN information:",
    ])
    func `a name with newlines in it forges nothing`(name: String) {
        let nexus =
            "        I_T nexus: 5\n            Initiator: \(name) alias: none\n            Connection: 0\n                IP Address: 127.0.0.1\n"
        #expect(throws: TargetListing.Malformed.self) { try parse(Self.target(1, "a", nexus: nexus)) }
    }

    @Test func `a path with newlines in it forges nothing`() {
        let units = Self.unit(1, path: "/srv/a\n    ACL information:\n        iqn.2026-11.example.host:evil")
        #expect(throws: TargetListing.Malformed.self) { try parse(Self.target(1, "a", units: units)) }
    }

    @Test func `a forged target is one that the second listing does not have`() throws {
        let forged = """
            x alias: none
                LUN information:
                Account information:
                ACL information:
                    ALL
            Target 9: evil
                System information:
                    Driver: iscsi
                    State: ready
                I_T nexus information:
                    I_T nexus: 1
                        Initiator: y
            """
        let nexus = "        I_T nexus: 5\n            Initiator: \(forged) alias: none\n"
        // It reads well: only the names from where no initiator writes tell.
        let listing = try parse(Self.target(1, "a", nexus: nexus))
        let known = try TargetListing.targets(ofDrivers: Array("LLDs:\n    iscsi: ready\n        Target 1: a\n    iser: error\n".utf8))
        #expect(known == [1: "a"])
        #expect(Dictionary(uniqueKeysWithValues: listing.targets.map { ($0.number, $0.name) }) != known)
    }

    @Test(arguments: ["", "LLDs\n", "LLDs:\n        Target x: a\n", "LLDs:\n        Target 1: a\n        Target 1: b\n", "LLDs:\nx\n"])
    func `a list of drivers that is none is malformed`(text: String) {
        #expect(throws: TargetListing.Malformed.self) { try TargetListing.targets(ofDrivers: Array(text.utf8)) }
    }

    @Test func `portals are read with their tag`() throws {
        let portals = try TargetListing.portals(Array("Portal: [::1]:13261,1\nPortal: 127.0.0.77:13260,2\n".utf8))
        #expect(portals.map(\.portal) == ["[::1]:13261", "127.0.0.77:13260"])
        #expect(portals.map(\.tag) == [1, 2])
        for text in ["Portal 1\n", "Portal: x\n", "Portal: x,70000\n", "  Portal: x,1\n"] {
            #expect(throws: TargetListing.Malformed.self) { try TargetListing.portals(Array(text.utf8)) }
        }
    }

    /// Measured: what an INQUIRY of VPD page 0x83 gave for these SCSI IDs.
    @Test(arguments: [
        ("IET     00010001", "naa.60000000000000000e00000000010001"),
        ("naa.6001405abcdef0123456789abcdef012", "naa.6001405abcdef0123456789abcdef012"),
        ("naa.6001405ABCDEF0123456789ABCDEF012", "naa.6001405abcdef0123456789abcdef012"),
        ("naa.5001405abcdef012", "naa.6000000000000aa05001405abcdef012"),
        ("eui.0011223344556677", "naa.600000000000e0000011223344556677"),
        ("MYID 1234567890123456789012", "naa.60000000d01234567890123456789012"),
        ("eui.00112233445566778899aabbccddeeff", "naa.60112233445566778899aabbccddeeff"),
        ("naa.xyz", "naa.60000000000000000000000000aa0000"),
        ("naa.60014", "naa.600000000000000000000000aa060014"),
    ])
    func `the WWID is what an initiator sees`(scsiID: String, wwid: String) { #expect(LogicalUnitName.wwid(scsiID: scsiID) == wwid) }
}
