import Identifiers
import PluginProtocol
import Testing

@testable import quartermaster_plugin_tgt

@Suite struct TgtViewTests {
    private typealias Sample = TargetListingTests

    private func view(
        _ text: String, directory: String? = nil,
        look: (String) -> BackingStore? = { _ in BackingStore(sizeBytes: 104_857_600, allocatedBytes: 4096) }
    ) throws -> TgtView { try TgtView(TargetListing(parsing: Array(text.utf8)), directory: directory, look: look) }

    @Test func `a logical unit is a volume with the size of its file, in the pool of its directory`() throws {
        let volumes = try view(Sample.target(1, "iqn.2026-11.example:a"), directory: "/srv").volumes.map(\.volume)
        #expect(volumes.map(\.volumeID.text) == ["iqn.2026-11.example:a/1"])
        #expect(volumes[0].name == "a.img")
        #expect(volumes[0].sizeBytes == 104_857_600)
        #expect(volumes[0].allocatedBytes == 4096)
        #expect(volumes[0].poolID?.text == "/srv")
        #expect(volumes[0].health == "ok")
        #expect(try view(Sample.target(1, "iqn.2026-11.example:a"), directory: "/sr").volumes[0].volume.poolID == nil)
    }

    @Test func `a file that grew behind tgt's back has the size that initiators see`() throws {
        let grown = try view(Sample.target(1, "a")) { _ in BackingStore(sizeBytes: 209_715_200, allocatedBytes: 0) }.volumes[0].volume
        #expect(grown.sizeBytes == 105_000_000)
        #expect(grown.health == "size-not-current")
        let unseen = try view(Sample.target(1, "a")) { _ in nil }.volumes[0].volume
        #expect(unseen.sizeBytes == 105_000_000)
        #expect(unseen.allocatedBytes == nil)
    }

    @Test func `one store with one name behind two targets is one volume on two ports`() throws {
        let text = Sample.target(1, "iqn.2026-11.example:b") + Sample.target(2, "iqn.2026-11.example:a")
        let view = try view(text)
        #expect(view.volumes.map(\.volume.volumeID.text) == ["iqn.2026-11.example:a/1"])
        let masking = try view.masking()
        #expect(masking.count == 1)
        #expect(masking[0].portIDs.map(\.text).sorted() == ["iqn.2026-11.example:a", "iqn.2026-11.example:b"])
        #expect(masking[0].initiator == .anybody)
    }

    @Test func `addresses name no initiator, ALL names everybody, and names are folded`() throws {
        let access =
            "        127.0.0.0/8\n        10.0.0.1\n        IQN.2026-11.Example.Host:A\n        iqn.2026-11.example.host:a\n        not a name\n"
        let masking = try view(Sample.target(1, "iqn.2026-11.example:a", access: access)).masking()
        #expect(masking.map(\.initiator.description) == ["iqn.2026-11.example.host:a"])
        #expect(TgtView.initiators(["ALL", "ALL"]) == [.anybody])
        #expect(try view(Sample.target(1, "iqn.2026-11.example:a", access: "")).masking().isEmpty)
    }

    @Test func `controllers, tapes and what else is no disk are no volumes`() throws {
        let units =
            Sample.unit(0).replacing("Type: disk", with: "Type: controller") + Sample.unit(1).replacing("Type: disk", with: "Type: tape")
        #expect(try view(Sample.target(1, "a", units: units)).volumes.isEmpty)
    }

    @Test func `read-only and offline show`() throws {
        let units = Sample.unit(1).replacing("Readonly: No", with: "Readonly: Yes").replacing("Online: Yes", with: "Online: No")
        let view = try view(Sample.target(1, "iqn.2026-11.example:a", units: units))
        #expect(view.volumes[0].volume.health == "offline")
        #expect(try view.masking().map(\.access) == [.readOnly])
    }

    @Test func `ports carry portals and how they authenticate`() throws {
        let text =
            Sample.target(1, "iqn.2026-11.example:a", accounts: "        u\n        v (outgoing)\n")
            + Sample.target(2, "iqn.2026-11.example:b", units: "", accounts: "        u\n")
            + Sample.target(3, "iqn.2026-11.example:c", units: "")
        let ports = try view(text).ports([("127.0.0.1:3260", 1), ("[::1]:3260", 1)])
        #expect(ports.map(\.authentication) == ["mutual-chap", "chap", "none"])
        #expect(ports[0].portals == ["127.0.0.1:3260", "[::1]:3260"])
        #expect(ports[0].portalGroupTag == 1)
        #expect(ports[0].state == "online")
    }

    @Test func `an initiator whose name is none of iSCSI's is nobody's session`() throws {
        let nexus = """
                    I_T nexus: 5
                        Initiator: whoever I am alias: none
                        Connection: 0
                            IP Address: 127.0.0.1
                    I_T nexus: 6
                        Initiator: iqn.2026-11.example.host:a alias: x alias: y
                        Connection: 0
                            IP Address: 127.0.0.1
                        Connection: 1
                            IP Address: ::1

            """
        let sessions = try view(Sample.target(1, "iqn.2026-11.example:a", nexus: nexus)).sessions()
        #expect(sessions.map(\.initiator.description) == ["iqn.2026-11.example.host:a", "iqn.2026-11.example.host:a"])
        #expect(sessions.map(\.address) == ["127.0.0.1", "::1"])
    }

    @Test func `counters add up over sessions that have ended`() {
        func listing(_ lines: [String]) -> [UInt8] { Array((["tgt lun sid rd_subm(bytes,cmds) …"] + lines).joined(separator: "\n").utf8) }
        var statistics = TgtStatistics()
        statistics.take(listing(["  1   1   5  100 1  100 1  50 2  50 2  0", "  1   1   6  7 1  7 1  0 0  0 0  0", "nonsense", "1 1 1 1"]))
        let unit = TgtStatistics.Unit(target: 1, number: 1)
        #expect(statistics.totals[unit] == TgtStatistics.Counts(readBytes: 107, reads: 2, writeBytes: 50, writes: 2))
        // 5 has ended, 6 went on.
        statistics.take(listing(["  1   1   6  9 2  9 2  0 0  0 0  0"]))
        #expect(statistics.totals[unit] == TgtStatistics.Counts(readBytes: 109, reads: 3, writeBytes: 50, writes: 2))
        // Another session has the number 6.
        statistics.take(listing(["  1   1   6  1 1  1 1  0 0  0 0  0"]))
        #expect(statistics.totals[unit] == TgtStatistics.Counts(readBytes: 110, reads: 4, writeBytes: 50, writes: 2))
    }

    @Test func `the device behind a directory is found in mountinfo`() {
        let mounts = """
            22 28 0:20 / /sys rw,nosuid shared:7 - sysfs sysfs rw
            28 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
            30 28 0:40 / /tmp rw - tmpfs none rw
            """
        #expect(BackingDirectory.source(of: "254:1", in: mounts) == "/dev/vda1")
        #expect(BackingDirectory.source(of: "0:40", in: mounts) == "tmpfs")
        #expect(BackingDirectory.source(of: "9:9", in: mounts) == nil)
        #expect(BackingDirectory.source(of: "9:9", in: "nonsense\n1 2\n") == nil)
    }
}
