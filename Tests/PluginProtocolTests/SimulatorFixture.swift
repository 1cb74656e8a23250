import Foundation
import PluginProtocol
import TestSupport

/// A state file of the simulator's in a directory of its own, removed with it.
final class SimulatorFixture: Sendable {
    let directory: String
    let state: String

    init(_ text: String = SimulatorFixture.ordinary) throws {
        directory = NSTemporaryDirectory() + "quartermaster-simulator-\(UUID().uuidString)"
        state = directory + "/state.json"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try text.write(toFile: state, atomically: true, encoding: .utf8)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func write(_ text: String) throws { try text.write(toFile: state, atomically: true, encoding: .utf8) }
    func read() throws -> String { try String(contentsOfFile: state, encoding: .utf8) }

    func process(
        fault: String? = nil, limits: PluginLimits = PluginLimits(), log: @escaping @Sendable (String) -> Void = { _ in }
    ) throws -> PluginProcess {
        var options = ["state": state]
        if let fault { options["fault"] = fault }
        return PluginProcess(path: try BuiltProducts.path("quartermaster-plugin-simulator"), options: options, limits: limits, log: log)
    }

    /// Runs `body` with a process that is ended after it, whatever happens.
    func withProcess<Value>(
        fault: String? = nil, limits: PluginLimits = PluginLimits(), log: @escaping @Sendable (String) -> Void = { _ in },
        _ body: (PluginProcess) async throws -> Value
    ) async throws -> Value {
        let process = try process(fault: fault, limits: limits, log: log)
        do {
            let value = try await body(process)
            await process.stop(grace: .seconds(1))
            return value
        } catch {
            await process.stop(grace: .seconds(1))
            throw error
        }
    }

    static func ordinary(_ extra: String = "") -> String {
        """
        {"system":{"systemID":"sim-1","name":"lab","vendor":"ACME","model":"Sim","serialNumber":"SN1","firmware":"1.0","health":"ok"},
        "pools":[{"poolID":"p1","name":"pool","totalBytes":1099511627776,"freeBytes":1098437885952,"health":"ok"}],
        "disks":[{"diskID":"d1","name":"disk 1","sizeBytes":1099511627776,"poolID":"p1","kind":"ssd","role":"data","health":"ok"}],
        "ports":[{"portID":"fc1","transport":"fc","wwpn":"50:06:01:60:3b:a0:12:34","state":"online"},
          {"portID":"is1","transport":"iscsi","iqn":"iqn.2026-11.example.array:1","portals":["10.0.0.1:3260"],"portalGroupTag":1,"state":"online"}],
        "volumes":[{"volumeID":"v1","name":"ledger","sizeBytes":1073741824,"poolID":"p1","wwid":"naa.60000000000000000000000000000001","health":"ok"}],
        "masking":[{"volumeID":"v1","initiator":"iqn.2026-11.example.host:a","lun":1,"portIDs":["is1"],"access":"rw"}],
        "sessions":[{"initiator":"iqn.2026-11.example.host:a","portID":"is1","address":"10.0.0.9"}]\(extra)}
        """
    }

    static let ordinary = ordinary()
}

extension PluginLimits {
    /// Short, for tests of what happens at a deadline.
    static let impatient: PluginLimits = {
        var limits = PluginLimits()
        limits.readDeadline = .seconds(1)
        limits.writeDeadline = .seconds(1)
        limits.firstPause = .milliseconds(20)
        limits.longestPause = .milliseconds(100)
        limits.grace = .milliseconds(300)
        return limits
    }()
}
