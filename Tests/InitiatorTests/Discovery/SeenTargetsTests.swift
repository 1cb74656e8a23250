import Files
import ISCSI
import Identifiers
import StrictJSON
import Testing

@testable import Initiator

@Suite struct SeenTargetsTests {
    private let one = ISCSIName("iqn.2026-11.lab.example:one")!
    private let two = ISCSIName("iqn.2026-11.lab.example:two")!
    private let other = ISCSIName("iqn.2026-11.lab.example:other")!
    private let portals = ["192.0.2.1", "192.0.2.2", "192.0.2.3"].map { PortalAddress($0)! }
    private let now = Timestamp(seconds: 1_795_000_000)

    /// The first portal lists `one` with an alias, the second does not answer, the third lists `other`.
    private var report: DiscoveryReport {
        var report = DiscoveryReport()
        report.targets = [
            FoundTarget(name: one, alias: "One", portals: [.init(address: portals[0], groupTag: 1)]),
            FoundTarget(name: other, alias: "Other", portals: [.init(address: portals[2])]),
        ]
        report.problems = [DiscoveryProblem(address: "192.0.2.2:3260", outcome: .refused, detail: "", isNamed: true)]
        return report
    }

    private func seen(before: SeenTargets? = nil) -> SeenTargets {
        SeenTargets(report, asked: portals, recorded: [one, two], before: before, at: now)
    }

    @Test func aPortalThatAnsweredNamesATargetOrNot() {
        #expect(seen().offers(one, at: portals[0]) == true)
        #expect(seen().offers(two, at: portals[0]) == false)
        #expect(seen().offers(two, at: portals[1]) == nil)
        #expect(seen().offers(one, at: portals[2]) == false)
        #expect(seen().offers(one, at: PortalAddress("192.0.2.9")!) == nil)
    }

    @Test func onlyRecordedTargetsAreKept() { #expect(seen().targets.keys.sorted() == [one]) }

    @Test func anAliasStaysUntilAnotherIsTold() {
        var before = seen()
        before.targets[one]?.alias = "Uno"
        before.targets[two] = .init(alias: "Two", portals: [portals[1]])
        let after = seen(before: before)
        #expect(after.targets[one]?.alias == "One")
        #expect(after.targets[two] == .init(alias: "Two", portals: []))
    }

    @Test func anAliasThatIsTooLongIsNone() {
        var report = report
        report.targets[0].alias = String(repeating: "x", count: 256)
        #expect(SeenTargets(report, asked: portals, recorded: [one], at: now).targets[one]?.alias == nil)
    }

    @Test func ofWhatWasBrokenOffNobodyIsSaidToHaveAnswered() {
        var report = report
        report.end = .outOfTime
        let seen = SeenTargets(report, asked: portals, recorded: [one, two], at: now)
        #expect(seen.offers(one, at: portals[0]) == true)
        #expect(seen.offers(two, at: portals[0]) == nil)
    }

    @Test func whatIsSavedIsLoadedAgainByNobodyElse() throws {
        let folder = try TestFolder()
        #expect(try SeenTargets.load(folder.path) == nil)
        try seen().save(folder.path)
        #expect(try SeenTargets.load(folder.path) == seen())
        #expect(folder.picture("").keys.count == 1 && folder.picture("").values.allSatisfy { $0.hasPrefix("file 600 ") })
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"format":"quartermaster-iscsi-targets/2","at":"2026-11-22T00:00:00Z"}"#,
        #"{"format":"quartermaster-iscsi-targets/1","at":"yesterday"}"#,
        #"{"format":"quartermaster-iscsi-targets/1","at":"2026-11-22T00:00:00Z","answered":["-x"]}"#,
        #"{"format":"quartermaster-iscsi-targets/1","at":"2026-11-22T00:00:00Z","targets":[{"name":"one"}]}"#,
        #"{"format":"quartermaster-iscsi-targets/1","at":"2026-11-22T00:00:00Z","targets":[{"name":"iqn.2026-11.a:b","portals":[1]}]}"#,
    ])
    func whatIsDamagedIsSaidToBe(text: String) throws {
        let folder = try TestFolder()
        try folder.file("targets", text)
        let error = #expect(throws: SetupError.self) { try SeenTargets.load(folder.path) }
        #expect(error?.description.contains("\(folder.path)/targets is damaged") == true)
    }

    @Test func aRecordsPortalIsAnAddress() {
        func portal(_ address: String) -> String? {
            RecordName(target: one, address: address, port: 3261, portalGroupTag: 1).portalAddress?.description
        }
        #expect(portal("192.0.2.1") == "192.0.2.1:3261")
        #expect(portal("2001:db8::1") == "[2001:db8::1]:3261")
        #expect(portal("array.example") == "array.example:3261")
        #expect(portal("10.0.1") == nil)
    }
}
