import Foundation
import PluginProtocol
import StrictJSON
import TestSupport
import Testing

/// The plug-in against a real tgtd.
@Suite(.serialized, .disabled(if: TgtServer.isMissing, "needs tgtd, and root to run it"))
struct TgtConformanceTests {
    private func process(_ server: TgtServer) throws -> PluginProcess {
        PluginProcess(
            path: try BuiltProducts.path("quartermaster-plugin-tgt"),
            options: ["control-port": "\(server.controlPort)", "directory": server.directory])
    }

    @Test func `the plug-in passes the conformance suite, on an empty tgtd and on one with targets`() async throws {
        try await TgtServer.withServer { server in
            for round in 0..<2 {
                if round == 1 {
                    try server.makeTarget(1, "iqn.2026-11.example.array:ledger")
                    try server.makeTarget(2, "iqn.2026-11.example.array:diary")
                    try server.tgtadm("--mode", "target", "--op", "bind", "--tid", "1", "--initiator-name", "iqn.2026-11.example.host:a")
                    try server.tgtadm("--mode", "target", "--op", "bind", "--tid", "2", "--initiator-address", "ALL")
                }
                let report = try await Conformance.run(
                    name: "tgt", options: ["control-port": "\(server.controlPort)", "directory": server.directory], allowWrites: true,
                    finder: PluginFinder(directories: [try BuiltProducts.directory()]))
                #expect(report.holds, "\(report.text)")
                #expect(report.count(.fail) == 0, "\(report.text)")
            }
        }
    }

    @Test func `targets, units, access and sizes are those of tgtd`() async throws {
        try await TgtServer.withServer { server in
            try server.makeTarget(1, "iqn.2026-11.example.array:ledger")
            try server.makeTarget(2, "iqn.2026-11.example.array:open", size: 32 << 20)
            try server.tgtadm("--mode", "target", "--op", "bind", "--tid", "1", "--initiator-name", "iqn.2026-11.example.host:a")
            try server.tgtadm("--mode", "target", "--op", "bind", "--tid", "1", "--initiator-address", "127.0.0.0/8")
            try server.tgtadm("--mode", "target", "--op", "bind", "--tid", "2", "--initiator-address", "ALL")
            let process = try process(server)
            let client = PluginClient(process)
            let volumes = try await client.volumes().entries
            let masking = try await client.masking().entries
            let ports = try await client.ports().entries
            let pools = try await client.pools().entries
            let disks = try await client.disks().entries
            let sample = try await client.sample()
            let sessions = try await client.sessions().entries
            let system = try await client.system()
            await process.stop()
            #expect(volumes.map(\.sizeBytes) == [16 << 20, 32 << 20])
            #expect(volumes.map(\.wwid.description) == ["naa.60000000000000000e00000000010001", "naa.60000000000000000e00000000020001"])
            #expect(volumes.map(\.name) == ["ledger", "open"])
            #expect(masking.map(\.initiator.description) == ["iqn.2026-11.example.host:a", "*"])
            #expect(ports.map(\.portals) == [[server.address], [server.address]])
            #expect(pools.map(\.poolID.text) == [server.directory])
            #expect(volumes.allSatisfy { $0.poolID?.text == server.directory })
            #expect(disks.count == 1)
            #expect(sample.counters.count == 2)
            #expect(sessions.isEmpty)
            #expect(system.serialNumber.hasSuffix("-\(server.controlPort)"))
            #expect(system.health == "ok")
        }
    }

    @Test func `without a tgtd on its port it says so, and which`() async throws {
        let process = PluginProcess(path: try BuiltProducts.path("quartermaster-plugin-tgt"), options: ["control-port": "1999"])
        let expected = PluginFault(.unavailable, "no tgtd answers on control port 1999: start it with `tgtd -C 1999`, or name its port")
        await #expect(throws: PluginCallError.fault(expected)) { try await PluginClient(process).system() }
        await process.stop()
    }

    @Test(arguments: [
        (["control-port": "x"], "control-port is \"x\", not a number from 0 to 32767"),
        (["control-port": "-1"], "control-port is \"-1\", not a number from 0 to 32767"),
        (["control-port": "99999"], "control-port is \"99999\", not a number from 0 to 32767"),
        (["directory": "relative"], "directory is not an absolute path"),
        (["directory": "/nowhere"], "directory cannot be used: cannot open /nowhere: No such file or directory"),
        (["colour": "red"], "colour is no option of plug-in tgt; it takes: control-port, directory"),
    ])
    func `options that cannot be are refused with the reason`(options: [String: String], message: String) async throws {
        let process = PluginProcess(path: try BuiltProducts.path("quartermaster-plugin-tgt"), options: options)
        await #expect { try await process.initialize() } throws: { error in
            guard case PluginCallError.fault(let fault) = error else { return false }
            return fault.kind == .invalid && fault.message == message && fault.field == options.keys.first
        }
        await process.stop()
    }
}
