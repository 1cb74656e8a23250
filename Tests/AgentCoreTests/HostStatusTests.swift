import Files
import Glibc
import Identifiers
import Inventory
import StrictJSON
import TestPrograms
import Testing

@testable import AgentCore

/// What `status` says at a glance, and what node_exporter is given.
@Suite struct HostStatusTests {
    private func report(_ change: (inout DaemonReport) -> Void = { _ in }) -> DaemonReport {
        var report = DaemonReport(startedAt: Timestamp(seconds: 1_800_000_000), process: 7)
        change(&report)
        return report
    }

    private func status(_ host: TestHost, later: Duration = .zero, daemon: DaemonReport? = nil, isRunning: Bool = true) throws -> HostStatus
    {
        let registration = RegistrationStatus(of: try host.state(), now: host.clock.now + later)
        var survey = StateSurvey()
        survey.registrations = [registration]
        return HostStatus(survey, daemon: daemon ?? report(), isRunning: isRunning)
    }

    @Test func `a host that is in order is ok, and one with nothing registered says so`() throws {
        try TestHost.with { host in
            #expect(HostStatus(StateSurvey(), daemon: nil, isRunning: false).word == "not-registered")
            try host.register()
            try host.report()
            #expect(try status(host).word == "ok")
            #expect(try status(host).problemCount == 0)
        }
    }

    @Test func `what is wrong with the daemon is told with what to do`() throws {
        try TestHost.with { host in
            try host.register()
            let cases: [(DaemonReport?, Bool, String, String)] = [
                (nil, false, "the daemon does not run", "systemctl enable --now quartermaster-agent"),
                (report { $0.helper = .missing(reason: "No such file or directory") }, true, "the root helper is missing", "helper.socket"),
                (report { $0.configurationFaults = ["agent.conf:2: bad"] }, true, "agent.conf:2: bad", "check-config"),
                (report { $0.registrationTrouble = "refused" }, true, "does not get registered: refused", "register.conf"),
                (report { $0.secretTrouble = "/s cannot be removed: no" }, true, "is registered, and the secret", "remove that file"),
                (
                    report { $0.configurationFaults = (1...21).map { "agent.conf:\($0): bad" } }, true,
                    "is not in force as it stands: agent.conf:1: bad (and more, which quartermaster-agent check-config lists)",
                    "check-config"
                ),
                (report { $0.refusedLimits = ["nice: no"] }, true, "nice: no", "[limits]"),
                (report { $0.metricsTrouble = "/x.prom: no" }, true, "no metrics are written: /x.prom: no", "[metrics]"),
                (
                    report {
                        $0.problemCount = 12
                        $0.problems = [
                            Inventory.Problem(path: "sys/block/sda/size", field: "sizeBytes", reason: "unreadable: Input/output error")
                        ]
                    }, true, "sizeBytes in sys/block/sda/size (unreadable: Input/output error), and 11 more", "inventory"
                ),
            ]
            for (daemon, isRunning, text, remedy) in cases {
                let status = try status(host, daemon: daemon, isRunning: isRunning)
                #expect(status.word == "attention")
                #expect(status.problems.count == 1)
                #expect(status.problems.first?.text.contains(text) == true, "\(status.problems)")
                #expect(status.problems.first?.remedy.contains(remedy) == true, "\(status.problems)")
            }
        }
    }

    @Test func `a pad that is not believed because of the clock sends nobody to its server`() throws {
        try TestHost.with { host in
            try host.register()
            var state = try host.state()
            for (text, remedy) in [("it is valid from 2030 only; compare the clocks", "timedatectl"), ("does not answer", "mount the pad")]
            {
                state.padTrouble = PadTrouble(text: text, since: host.clock.now)
                let problems = RegistrationStatus(of: state, now: host.clock.now).problems
                #expect(problems.first?.remedy.contains(remedy) == true, "\(problems)")
            }
        }
    }

    @Test func `a certificate about to end, and silence, are told`() throws {
        try TestHost.with { host in
            try host.register()
            try host.report()
            let membership = try #require(try host.state().membership)
            let left = membership.warnAt - host.clock.now
            #expect(try status(host, later: .seconds(3_000)).problemCount == 0)
            #expect(
                try status(host, later: .seconds(3_700)).registrations[0].problems.contains {
                    $0.text.hasPrefix("nothing was reported since ")
                })
            #expect(try status(host, later: left).registrations[0].problems.contains { $0.text.hasPrefix("the certificate ends at ") })
        }
    }

    @Test func `a pad that is away is told with since when`() throws {
        try TestHost.with { host in
            try host.register()
            #expect(rename(host.padDirectory, "\(host.directory)/away") == 0)
            var seen = SeenFiles()
            #expect(throws: AgentError.self) { try host.look(&seen) }
            let problems = try status(host).registrations[0].problems
            #expect(problems.contains { $0.text.contains("cannot be used") && $0.remedy.contains("mount the pad") })
        }
    }

    @Test func `the daemon's report reads back as itself, a damaged one is told, and the lock says whether a daemon runs`() throws {
        try TestHost.with { host in
            let full = report {
                $0.helper = .missing(reason: "gone")
                $0.problemCount = 1
                $0.problems = [Inventory.Problem(path: "a", field: "b", reason: "c")]
                $0.configurationFaults = ["x"]
                $0.registrationTrouble = "y"
                $0.refusedLimits = ["z"]
                $0.metricsTrouble = "m"
            }
            try makeDirectories(host.stateDirectory.path)
            #expect(try host.stateDirectory.daemonReport() == nil)
            try host.stateDirectory.save(full)
            #expect(try host.stateDirectory.daemonReport() == full)
            try replaceFile("\(host.stateDirectory.path)/daemon.json", with: Array("{".utf8))
            let file = "\(host.stateDirectory.path)/daemon.json"
            #expect(throws: AgentError.self) { try host.stateDirectory.daemonReport() }
            try replaceFile(file, with: [UInt8](repeating: 0x20, count: 5 << 20))
            #expect(throws: AgentError.reportDamaged(path: file, reason: "\(file) is larger than 4194304 bytes")) {
                try host.stateDirectory.daemonReport()
            }
            #expect(try !host.stateDirectory.isDaemonRunning())
            let lock = try host.stateDirectory.lockForDaemon()
            #expect(try host.stateDirectory.isDaemonRunning())
            withExtendedLifetime(lock) {}
        }
    }

    @Test func `a report of anything that was met is one that can be read`() throws {
        try TestHost.with { host in
            try makeDirectories(host.stateDirectory.path)
            let long = String(repeating: "é", count: 20_000)
            let report = report {
                $0.helper = .missing(reason: long)
                $0.configurationFaults = Array(repeating: long, count: 500)
                $0.registrationTrouble = long
                $0.refusedLimits = Array(repeating: long, count: 50)
            }
            try host.stateDirectory.save(report)
            #expect(try host.stateDirectory.daemonReport()?.configurationFaults.count == 100)
        }
    }

    @Test func `a running daemon whose report is damaged is told as that`() {
        let status = HostStatus(StateSurvey(), daemon: nil, isRunning: true, damage: "daemon.json is damaged: no object")
        #expect(status.word == "attention")
        #expect(status.problems.map(\.text) == ["what the daemon says of itself cannot be read: daemon.json is damaged: no object"])
    }

    // MARK: Metrics

    private func page(_ host: TestHost) throws -> String {
        let observations = Observations()
        observations.set(helper: .available)
        observations.note(Inventory(host: Inventory.Host()), took: .milliseconds(12))
        let status = RegistrationStatus(of: try host.state(), now: host.clock.now)
        return MetricsText(
            .init(
                now: host.clock.now, startedAt: host.clock.now, version: "0.1.0 \"x\\\ny", registrations: [status],
                observations: observations)
        ).text
    }

    @Test func `the metrics hold what an operator alerts on, each with its help and type`() throws {
        try TestHost.with { host in
            try host.register()
            try host.report()
            let text = try page(host)
            let labels = "{pad=\"\(host.padDirectory)\",account=\"account-1\""
            for line in [
                "quartermaster_agent_info{version=\"0.1.0 \\\"x\\\\\\ny\"} 1.0", "quartermaster_agent_helper_available 1.0",
                "quartermaster_agent_registration_state\(labels),state=\"registered\"} 1.0",
                "quartermaster_agent_pad_available\(labels)} 1.0",
                "quartermaster_agent_unanswered_messages\(labels)} 0.0", "quartermaster_agent_facts_unread 0.0",
                "# TYPE quartermaster_agent_published_total counter",
            ] {
                #expect(text.split(separator: "\n").contains(Substring(line)), "\(line) is not in\n\(text)")
            }
            let names = text.split(separator: "\n").filter { $0.hasPrefix("# TYPE") }
            #expect(Set(names).count == names.count)
        }
    }

    @Test(.enabled(if: access("/usr/bin/promtool", X_OK) == 0, "by design: promtool is not installed"))
    func `promtool finds no fault in the metrics`() throws {
        try TestHost.with { host in
            try host.register()
            let path = "\(host.directory)/metrics.prom"
            try replaceFile(path, with: Array(try page(host).utf8))
            let result = try ChildProcess.run("/bin/sh", ["-c", "exec /usr/bin/promtool check metrics <'\(path)'"])
            #expect(result.status == 0 && result.output == [], "\(String(decoding: result.output, as: UTF8.self))")
        }
    }
}
