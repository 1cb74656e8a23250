import Files
import Glibc
import TestPrograms
import Testing

@testable import AgentCore

/// The shipped units, as systemd judges them.
@Suite struct UnitTests {
    private static let packaging = "/" + "\(#filePath)".split(separator: "/").dropLast(3).joined(separator: "/") + "/agent-packaging"
    private static let analyze = "/usr/bin/systemd-analyze"
    static var hasSystemd: Bool { access(analyze, X_OK) == 0 }

    @Test(
        .enabled(if: hasSystemd, "by design: systemd-analyze is not installed"),
        arguments: [
            ("quartermaster-agent.service", 2.0), ("quartermaster-agent-helper@.service", 2.0),
        ])
    func `a unit's exposure is at most what is promised`(unit: String, limit: Double) throws {
        let result = try ChildProcess.run(
            Self.analyze, ["security", "--offline=true", "--no-pager", "--threshold=\(Int(limit * 10))", "\(Self.packaging)/\(unit)"])
        let text = String(decoding: result.output, as: UTF8.self)
        #expect(result.status == 0, "\(text)")
        let line = try #require(text.split(separator: "\n").first { $0.contains("Overall exposure level") })
        let score = try #require(line.split(separator: " ").compactMap { Double($0) }.first)
        #expect(score > 0 && score <= limit, "\(line)")
    }

    @Test(
        .enabled(if: hasSystemd, "by design: systemd-analyze is not installed"),
        arguments: [
            "quartermaster-agent.service", "quartermaster-agent-helper.socket", "quartermaster-agent-helper@.service",
        ])
    func `systemd knows every setting of a unit`(unit: String) throws {
        let result = try ChildProcess.run(Self.analyze, ["verify", "--man=no", "--recursive-errors=no", "\(Self.packaging)/\(unit)"])
        let complaints = String(decoding: result.output, as: UTF8.self).split(separator: "\n")
            // The program is not installed where the tests run.
            .filter { !$0.contains("/usr/bin/quartermaster-agent is not executable") }
        #expect(complaints == [])
    }

    @Test func `the service manager tries for ever, and not in a storm`() throws {
        let unit = String(decoding: try readFile("\(Self.packaging)/quartermaster-agent.service"), as: UTF8.self)
        #expect(unit.value(of: "Restart") == "always" && unit.value(of: "StartLimitIntervalSec") == "0")
        let pause = try #require(Int(unit.value(of: "RestartSec").dropLast()))
        #expect(unit.value(of: "RestartSec").hasSuffix("s") && (10...120).contains(pause))
    }

    @Test func `the unit's limits are the configuration's`() throws {
        let unit = String(decoding: try readFile("\(Self.packaging)/quartermaster-agent.service"), as: UTF8.self).split(separator: "\n")
        let limits = ResourceLimits()
        #expect(unit.contains("Nice=\(limits.nice)") && unit.contains("IOSchedulingClass=\(limits.inputOutput.rawValue)"))
        #expect(unit.contains("MemoryHigh=\(limits.memoryBytes >> 20)M"))
        #expect(unit.contains("UMask=0077") && unit.contains("User=quartermaster-agent"))
        let socket = String(decoding: try readFile("\(Self.packaging)/quartermaster-agent-helper.socket"), as: UTF8.self)
        #expect(socket.contains("ListenStream=\(AgentConfiguration().helperSocket)\n"))
        let helper = String(decoding: try readFile("\(Self.packaging)/quartermaster-agent-helper@.service"), as: UTF8.self)
        #expect("/var/lib/" + helper.value(of: "StateDirectory") == AgentConfiguration().helperDirectory)
    }

    @Test func `what check-config says of the units stands in them`() throws {
        func unit(_ name: String) throws -> String { String(decoding: try readFile("\(Self.packaging)/\(name)"), as: UTF8.self) }
        let (daemon, helper) = (try unit("quartermaster-agent.service"), try unit("quartermaster-agent-helper@.service"))
        #expect(daemon.value(of: "PrivateTmp") == "yes" && helper.value(of: "PrivateTmp") == "yes")
        #expect(daemon.value(of: "ProtectHome") == "read-only" && helper.value(of: "ProtectHome") == "yes")
        #expect(daemon.value(of: "ProtectSystem") == "full" && helper.value(of: "ProtectSystem") == "strict")
        #expect(daemon.value(of: "ReadWritePaths") == "" && helper.value(of: "ReadWritePaths") == "-\(ShippedUnits.secrets)")
    }
}

extension String {
    fileprivate func value(of key: String) -> String {
        split(separator: "\n").first { $0.hasPrefix("\(key)=") }.map { String($0.dropFirst(key.count + 1)) } ?? ""
    }
}
