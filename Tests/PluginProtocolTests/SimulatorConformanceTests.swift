import PluginProtocol
import TestSupport
import Testing

@Suite struct SimulatorConformanceTests {
    private func run(_ fixture: SimulatorFixture, allowWrites: Bool) async throws -> ConformanceReport {
        // A machine that is busy with other tests is no fault of the plug-in's.
        var limits = PluginLimits()
        limits.grace = .seconds(120)
        return try await Conformance.run(
            name: "simulator", options: ["state": fixture.state], allowWrites: allowWrites,
            finder: PluginFinder(directories: [try BuiltProducts.directory()]), limits: limits)
    }

    @Test func `the simulator passes the conformance suite, writes included`() async throws {
        let fixture = try SimulatorFixture()
        let report = try await run(fixture, allowWrites: true)
        #expect(report.holds, "\(report.text)")
        #expect(report.count(.fail) == 0)
        #expect(report.count(.skip) <= 1, "\(report.text)")
        #expect(try fixture.read().contains("\"volumeID\":\"v1\""))
        #expect(!(try fixture.read().contains("quartermaster-check-iqn")))
    }

    @Test func `without leave to write, writes are skipped and the state stays`() async throws {
        let fixture = try SimulatorFixture()
        let before = try fixture.read()
        let report = try await run(fixture, allowWrites: false)
        #expect(report.holds, "\(report.text)")
        #expect(report.checks.contains { $0.outcome == .skip && $0.reason.contains("--write") })
        #expect(try fixture.read() == before)
    }

    @Test func `slow writes, which answer with a task, pass too`() async throws {
        let fixture = try SimulatorFixture(SimulatorFixture.ordinary(#","slow":{"volume.create":2,"replica.create":1}"#))
        let report = try await run(fixture, allowWrites: true)
        #expect(report.count(.fail) == 0, "\(report.text)")
    }

    @Test(arguments: [
        ("system.get:lie:1", "system.get describes one system"),
        ("volume.list:lie:1", "volume.list holds to the protocol"),
        ("masking.list:lie:1", "what the lists refer to is there"),
        ("pool.list:garbage:1", "pool.list holds to the protocol"),
        ("disk.list:crash:1", "disk.list holds to the protocol"),
    ])
    func `a plug-in that breaks the protocol fails the check that says so`(fault: String, check: String) async throws {
        let fixture = try SimulatorFixture()
        var limits = PluginLimits.impatient
        limits.readDeadline = .seconds(10)
        let report = try await Conformance.run(
            name: "simulator", options: ["state": fixture.state, "fault": fault], allowWrites: false,
            finder: PluginFinder(directories: [try BuiltProducts.directory()]), limits: limits)
        #expect(!report.holds)
        #expect(report.checks.first { $0.outcome == .fail }?.name == check, "\(report.text)")
    }

    @Test func `a plug-in that is not there is said so with the places searched`() async throws {
        await #expect(throws: PluginFinder.Failure.notFound(name: "nothing", searched: ["/nowhere"])) {
            try await Conformance.run(
                name: "nothing", options: [:], allowWrites: false, finder: PluginFinder(directories: ["/nowhere", "relative"]))
        }
    }
}
