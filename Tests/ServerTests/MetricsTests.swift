import ControllerAPI
import Foundation
import TestPrograms
import Testing

@testable import Server

@Suite struct MetricsTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let request = "GET /metrics HTTP/1.1\r\nHost: controller\r\nConnection: close\r\n\r\n"

    /// Sees to it that every daemon has done something: a look at a pad, and a request.
    private func somethingHappens(_ controller: RunningController) async throws {
        let account = try #require(try await controller.done("POST", "/v1/accounts", #"{"name": "Example"}"#)["accountID"].string)
        let directory = controller.directory + "/pad"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        _ = try await controller.done(
            "POST", "/v1/pads", #"{"directory": "\#(directory)", "accountID": "\#(account)", "intervalMilliseconds": 100}"#)
    }

    private func value(_ series: String, in text: String) -> Double? {
        text.split(separator: "\n").first { $0.hasPrefix(series + " ") }.flatMap { Double($0.dropFirst(series.count + 1)) }
    }

    @Test func everyDaemonsPassesDurationsErrorsAndQueuesAreServed() async throws {
        try await RunningController.run { controller in
            try await somethingHappens(controller)
            // Until the pad was looked at.
            let deadline = ContinuousClock.now + .seconds(120)
            var text = ""
            repeat {
                let answer = try await controller.send(raw: Self.request)
                #expect(answer.status == 200)
                text = String(decoding: answer.body, as: UTF8.self)
                if value("quartermaster_intake_looks_total", in: text) ?? 0 > 0 { break }
                try await Task.sleep(for: .milliseconds(50))
            } while ContinuousClock.now < deadline
            for daemon in ["intake", "discovery", "audit-archiving", "key-rotation"] {
                for outcome in ["done", "failed"] {
                    #expect(
                        value(#"quartermaster_daemon_passes_total{daemon="\#(daemon)",outcome="\#(outcome)"}"#, in: text) != nil,
                        "\(daemon) \(outcome)")
                }
                #expect(value(#"quartermaster_daemon_pass_duration_seconds_count{daemon="\#(daemon)"}"#, in: text) != nil, "\(daemon)")
            }
            for (daemon, queue) in [
                ("intake", "passes"), ("intake", "answers"), ("intake", "postponed-pads"), ("discovery", "passes"),
                ("discovery", "waiting"), ("authentication", "passwords"),
            ] {
                #expect(
                    value(#"quartermaster_daemon_queue_length{daemon="\#(daemon)",queue="\#(queue)"}"#, in: text) != nil,
                    "\(daemon) \(queue)")
            }
            let pads = ["good", "pending", "faulty"].compactMap { value(#"quartermaster_intake_pads{state="\#($0)"}"#, in: text) }
            #expect(pads.count == 3 && pads.reduce(0, +) == 1)
            #expect(value(#"quartermaster_http_requests_total{operation="createAccount",status="200"}"#, in: text) == 1)
            #expect(value("process_resident_memory_bytes", in: text) ?? 0 > 1_048_576)
            #expect(value(#"quartermaster_build_info{version="\#(ControllerVersion.text)"}"#, in: text) == 1)
            try Self.checkWithPromtool(text)
        }
    }

    @Test func onlyTheProviderReadsThem() async throws {
        try await RunningController.run { controller in
            try await controller.refused("GET", "/metrics", nil, "not-authenticated", "session", token: "nobody's")
            try await controller.refused("POST", "/metrics", nil, "method-not-allowed", "GET")
        }
    }

    @Test func aScraperOfThisMachineReadsThemOverTCPWhereTheConfigurationSaysSo() async throws {
        let port = try SocketConversation.freePort()
        try await RunningController.run {
            $0.metricsListen = LoopbackAddress("127.0.0.1:\(port)")
        } _: { controller in
            let deadline = ContinuousClock.now + .seconds(120)
            var answer = ""
            while answer.isEmpty, ContinuousClock.now < deadline {
                // Refused until the listener is there.
                do { answer = String(decoding: try await SocketConversation.exchange(port: port, Self.request), as: UTF8.self) } catch {
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
            #expect(answer.hasPrefix("HTTP/1.1 200 OK"))
            #expect(answer.contains("text/plain; version=0.0.4"))
            #expect(answer.contains("\nquartermaster_build_info{"))
            let other = try await SocketConversation.exchange(
                port: port, "GET /v1/accounts HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(String(decoding: other, as: UTF8.self).hasPrefix("HTTP/1.1 404"))
        }
    }

    @Test func aPortThatIsTakenStopsNothingElse() async throws {
        let port = try SocketConversation.freePort()
        let listen: (inout ControllerConfiguration) -> Void = { $0.metricsListen = LoopbackAddress("127.0.0.1:\(port)") }
        try await RunningController.run(listen) { _ in
            try await RunningController.run(listen) { second in
                let list = try await second.done("GET", "/v1/accounts")
                #expect(list["accounts"].count == 0)
            }
        }
    }

    @Test(arguments: ["127.0.0.1:9180", "127.3.2.1:1", "[::1]:65535"])
    func anAddressOfThisMachineIsTaken(text: String) { #expect(LoopbackAddress(text)?.description == text) }

    @Test(arguments: [
        "", "9180", "0.0.0.0:9180", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:-1", "127.0.0.1:65536", "::1:80", "127.0.0:80", "localhost:80",
    ])
    func anyOtherAddressIsRefused(text: String) { #expect(LoopbackAddress(text) == nil) }

    @Test func theDocumentListsEveryMetric() throws {
        let document = try String(contentsOf: Self.root.appendingPathComponent("docs/metrics.md"), encoding: .utf8)
        let rows = document.split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init)
        let expected = MetricCatalogue.entries.map { entry in
            "| `\(entry.name)` | \(entry.kind.rawValue) | \(entry.labels.map { "`\($0)`" }.joined(separator: ", ")) | \(entry.help) |"
                .replacingOccurrences(of: "|  |", with: "| |")
        }
        #expect(rows == expected)
    }

    /// What Prometheus' own checker says of it, where it is installed: it is part of Debian's `prometheus`, which is large.
    private static func checkWithPromtool(_ text: String) throws {
        let path = "/usr/bin/promtool"
        guard FileManager.default.isExecutableFile(atPath: path) else { return }
        let file = FileManager.default.temporaryDirectory.path + "/metrics-\(UUID().uuidString)"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let result = try ChildProcess.run("/bin/sh", ["-c", "\(path) check metrics <'\(file)' 2>&1"])
        #expect(result.status == 0, "\(String(decoding: result.output, as: UTF8.self))")
    }
}
