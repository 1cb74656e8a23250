import Daemons
import Foundation
import Identifiers
import Logging
import PluginProtocol
import Provider
import Store
import TestSupport
import Testing

/// Discovery with the real simulator in processes of its own, on a real database.
@Suite struct DiscoveryTests {
    /// A discovery with a directory for state files; whatever it started is ended with the scope.
    struct Scope {
        let store: Store
        let discovery: Discovery
        let directory: String

        func write(_ state: String, to name: String = "array") throws {
            try state.write(toFile: path(name), atomically: true, encoding: .utf8)
        }

        func path(_ name: String = "array") -> String { "\(directory)/\(name).json" }

        func add(_ name: String = "array", fault: String? = nil) async throws -> StorageSystem {
            var options = ["state": path(name)]
            if let fault { options["fault"] = fault }
            return try await discovery.add(plugin: "simulator", options: options, interval: .seconds(86_400), by: .daemon("test"))
        }

        func snapshot(_ id: SystemID) async throws -> StorageSnapshot {
            try await store.read { transaction in try transaction.storageSnapshot(of: try #require(try transaction.storageSystem(id))) }
        }

        func problems(_ id: SystemID) async throws -> [SystemProblem] {
            try await store.read { try $0.storageSystemProblems(id).map(\.problem) }
        }

        func history(_ id: SystemID) async throws -> [String] {
            try await store.read { transaction in
                try transaction.storageHistory(system: id).elements.map {
                    "\($0.event.object.rawValue) \($0.event.objectID) \($0.event.change.word)"
                }
            }
        }
    }

    private func withDiscovery(_ limits: PluginLimits = Self.impatient, _ body: (Scope) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            try await withStore { store, _ in
                let discovery = Discovery(
                    store: store, finder: PluginFinder(directories: [try BuiltProducts.directory()]), limits: limits,
                    logger: Logger(label: "discovery", factory: { _ in SwiftLogNoOpLogHandler() }))
                let scope = Scope(store: store, discovery: discovery, directory: directory)
                do {
                    try await body(scope)
                    await discovery.stop()
                } catch {
                    await discovery.stop()
                    throw error
                }
            }
        }
    }

    private static let impatient: PluginLimits = {
        var limits = PluginLimits()
        limits.readDeadline = .seconds(10)
        limits.firstPause = .milliseconds(10)
        limits.longestPause = .milliseconds(50)
        limits.grace = .milliseconds(500)
        return limits
    }()

    private static func state(serial: String = "SN1", volumes: String = volume("v1"), masking: String = masked("v1"), extra: String = "")
        -> String
    {
        """
        {"system":{"systemID":"sim-\(serial)","name":"lab","vendor":"ACME","model":"Sim","serialNumber":"\(serial)","firmware":"1.0","health":"ok"},
        "pools":[{"poolID":"p1","name":"pool","totalBytes":1099511627776,"freeBytes":1099511627776,"health":"ok"}],
        "ports":[{"portID":"is1","transport":"iscsi","iqn":"iqn.2026-11.example.array:1","portals":["10.0.0.1:3260"],"state":"online"}],
        "volumes":[\(volumes)],"masking":[\(masking)]\(extra)}
        """
    }

    private static func volume(_ id: String, size: Int64 = 1_073_741_824) -> String {
        #"{"volumeID":"\#(id)","name":"\#(id)","sizeBytes":\#(size),"wwid":"t10.\#(id)","health":"ok"}"#
    }

    private static func masked(_ id: String, initiator: String = "iqn.2026-11.example.host:a", lun: Int = 1) -> String {
        #"{"volumeID":"\#(id)","initiator":"\#(initiator)","lun":\#(lun),"portIDs":["is1"],"access":"rw"}"#
    }

    @Test func `a system is added, looked at, and what changes is history`() async throws {
        try await withDiscovery { scope in
            try scope.write(Self.state())
            let system = try await scope.add()
            #expect(system.identity.serialNumber == "SN1")
            let looked = try await scope.discovery.refresh(system.systemID)
            #expect(looked.state == .active)
            #expect(looked.lastDiscoveryAt != nil)
            #expect(try await scope.snapshot(system.systemID).volumes.map(\.volumeID.text) == ["v1"])
            try scope.write(Self.state(volumes: Self.volume("v1", size: 7) + "," + Self.volume("v2"), masking: Self.masked("v2")))
            try await scope.discovery.refresh(system.systemID)
            #expect(
                try await scope.history(system.systemID) == [
                    "pool p1 appeared", "port is1 appeared", "volume v1 appeared", "masking v1 iqn.2026-11.example.host:a 1 appeared",
                    "volume v2 appeared", "volume v1 changed", "masking v2 iqn.2026-11.example.host:a 1 appeared",
                    "masking v1 iqn.2026-11.example.host:a 1 went",
                ])
            try await scope.discovery.refresh(system.systemID)
            #expect(try await scope.history(system.systemID).count == 8)
        }
    }

    @Test func `a volume that went stays as a row that says when`() async throws {
        try await withDiscovery { scope in
            try scope.write(Self.state())
            let id = try await scope.add().systemID
            try await scope.discovery.refresh(id)
            try scope.write(Self.state(volumes: "", masking: ""))
            try await scope.discovery.refresh(id)
            let volumeID = try #require(VolumeID("v1"))
            let (gone, listed, all) = try await scope.store.read { transaction in
                (
                    try transaction.volume(id, volumeID), try transaction.volumes().elements,
                    try transaction.volumes(includingGone: true).elements
                )
            }
            #expect(gone?.goneAt != nil)
            #expect(listed.isEmpty)
            #expect(all.count == 1)
            try scope.write(Self.state())
            try await scope.discovery.refresh(id)
            let back = try await scope.store.read { try $0.volume(id, volumeID) }
            #expect(back?.goneAt == nil)
        }
    }

    @Test func `a second system with the same vendor and serial number is refused`() async throws {
        try await withDiscovery { scope in
            try scope.write(Self.state())
            try scope.write(Self.state(), to: "twin")
            let first = try await scope.add()
            await #expect(throws: StorageSystemError.exists(vendor: "ACME", serialNumber: "SN1", first.systemID)) {
                try await scope.add("twin")
            }
            let listed = try await scope.store.read { try $0.storageSystems().elements.count }
            #expect(listed == 1)
        }
    }

    @Test(arguments: [
        (["state": "STATE", "password": "hunter2"], "password is no option of plug-in simulator; it takes: fault, state"),
        ([:], "state is an option that plug-in simulator needs: JSON file with system, pools, disks, ports, volumes, masking, sessions"),
        (
            ["fault": "x"],
            "state is an option that plug-in simulator needs: JSON file with system, pools, disks, ports, volumes, masking, sessions"
        ),
    ])
    func `options that were not declared, and missing ones, are refused`(options: [String: String], message: String) async throws {
        try await withDiscovery { scope in
            try scope.write(Self.state())
            let given = options.mapValues { $0 == "STATE" ? scope.path() : $0 }
            await #expect { try await scope.discovery.add(plugin: "simulator", options: given, by: .daemon("test")) } throws: {
                "\($0)" == message
            }
        }
    }

    @Test func `a plug-in never sees an option that it did not declare`() async throws {
        try await withTemporaryDirectory { directory in
            let log = "\(directory)/seen"
            try Self.script(
                directory, "nosy",
                """
                while read -r line; do echo "$line" >> \(log)
                echo '{"jsonrpc":"2.0","id":1,"result":{"protocol":1,"name":"nosy","version":"1","vendor":"x","options":[]}}'; done
                """)
            try await withStore { store, _ in
                let discovery = Discovery(store: store, finder: PluginFinder(directories: [directory]), logger: Logger(label: "discovery"))
                await #expect { try await discovery.add(plugin: "nosy", options: ["token": "s3cret"], by: .daemon("test")) } throws: {
                    "\($0)" == "token is no option of plug-in nosy; it takes: none"
                }
                await discovery.stop()
            }
            let seen = try String(contentsOfFile: log, encoding: .utf8)
            #expect(seen.contains("initialize") && !seen.contains("s3cret"))
        }
    }

    @Test func `secret options are kept for the plug-in, and shown to nobody`() async throws {
        try await withTemporaryDirectory { directory in
            try Self.script(
                directory, "vault",
                """
                read -r line
                echo '{"jsonrpc":"2.0","id":1,"result":{"protocol":1,"name":"vault","version":"1","vendor":"x","options":[{"name":"user"},{"name":"key","secret":true}]}}'
                read -r line || exit 0
                echo '{"jsonrpc":"2.0","id":2,"result":{"systemID":"a","name":"n","vendor":"v","model":"m","serialNumber":"s","firmware":"f","health":"ok","capabilities":[]}}'
                while read -r line; do :; done
                """)
            try await withStore { store, _ in
                let discovery = Discovery(
                    store: store, finder: PluginFinder(directories: [directory]), limits: Self.impatient, logger: Logger(label: "discovery")
                )
                let system = try await discovery.add(plugin: "vault", options: ["user": "u", "key": "s3cret"], by: .daemon("test"))
                let (shown, all, audit) = try await store.read { transaction in
                    (
                        try transaction.storageSystemOptions(system.systemID, includingSecrets: false),
                        try transaction.storageSystemOptions(system.systemID, includingSecrets: true),
                        try transaction.auditEvents().elements
                    )
                }
                #expect(shown == ["user": "u"])
                #expect(all == ["user": "u", "key": "s3cret"])
                #expect(audit.contains { $0.action == "system.add" && $0.subject == system.systemID.text })
                #expect(!audit.contains { $0.detail.contains("s3cret") })
                await discovery.stop()
            }
        }
    }

    @Test func `a secret that stood in a command's arguments is refused`() async throws {
        try await withTemporaryDirectory { directory in
            try Self.script(
                directory, "secretive",
                #"""
                while read -r line; do
                    id=$(printf '%s' "$line" | sed 's/.*"id":\([0-9]*\).*/\1/')
                    printf '{"jsonrpc":"2.0","id":%s,"result":{"protocol":1,"name":"secretive","version":"1","vendor":"x","options":' "$id"
                    printf '[{"name":"key","required":true,"secret":true,"description":"a key"}]}}\n'
                done
                """#)
            try await withStore { store, _ in
                let discovery = Discovery(
                    store: store, finder: PluginFinder(directories: [directory]), limits: Self.impatient,
                    logger: Logger(label: "discovery", factory: { _ in SwiftLogNoOpLogHandler() }))
                await #expect {
                    try await discovery.add(plugin: "secretive", options: ["key": "hush"], shown: ["key"], by: .daemon("test"))
                } throws: {
                    "\($0)".contains("key is secret") && "\($0)".contains("--secret-file") && !"\($0)".contains("hush")
                }
                await discovery.stop()
            }
        }
    }

    private static func script(_ directory: String, _ name: String, _ text: String) throws {
        let path = "\(directory)/quartermaster-plugin-\(name)"
        try "#!/bin/sh\n\(text)\n".write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
    }

    @Test func `a plug-in that is missing, ends at once or hangs is refused with what happened`() async throws {
        try await withDiscovery { scope in
            try scope.write(Self.state())
            await #expect { try await scope.discovery.add(plugin: "nothing", options: [:], by: .daemon("test")) } throws: {
                "\($0)".hasPrefix("there is no plug-in quartermaster-plugin-nothing in /")
            }
            await #expect { _ = try await scope.add(fault: "system.get:crash:1") } throws: {
                "\($0)" == "plug-in simulator did not introduce its storage system: the plug-in's process ended: it exited with status 70"
            }
            await #expect { _ = try await scope.add(fault: "system.get:hang:1") } throws: {
                "\($0)"
                    == "plug-in simulator did not introduce its storage system: the plug-in did not answer system.get within 10.0 seconds"
            }
            let listed = try await scope.store.read { try $0.storageSystems().elements.count }
            #expect(listed == 0)
        }
    }

    @Test func `a system that is removed goes from the lists, its record and history stay, and it can be added again`() async throws {
        try await withDiscovery { scope in
            try scope.write(Self.state())
            let id = try await scope.add().systemID
            try await scope.discovery.refresh(id)
            let removed = try await scope.discovery.remove(id, by: .daemon("test"))
            guard case .removed = removed.state else {
                Issue.record("\(removed.state)")
                return
            }
            let (systems, masking, options) = try await scope.store.read { transaction in
                (
                    try transaction.storageSystems().elements, try transaction.masking().elements,
                    try transaction.storageSystemOptions(id, includingSecrets: true)
                )
            }
            #expect(systems.isEmpty && masking.isEmpty && options.isEmpty)
            #expect(try await scope.history(id).last == "masking v1 iqn.2026-11.example.host:a 1 went")
            await #expect(throws: StorageSystemError.removed(id)) { try await scope.discovery.refresh(id) }
            #expect(try await scope.add().systemID != id)
        }
    }

    // MARK: Faults

    @Test(arguments: ["crash", "hang", "unavailable", "flood"])
    func `an unreachable system keeps its last view, says since when, and comes back`(kind: String) async throws {
        try await withDiscovery { scope in
            try scope.write(Self.state())
            let id = try await scope.add().systemID
            try await scope.discovery.refresh(id)
            try scope.write(Self.state(volumes: Self.volume("v9"), masking: "", extra: #","faults":["volume.list:\#(kind):1000"]"#))
            await #expect(throws: DiscoveryError.self) { try await scope.discovery.refresh(id) }
            let system = try await scope.store.read { try $0.storageSystem(id) }
            guard case .unreachable(let since, let reason)? = system?.state else {
                Issue.record("\(String(describing: system?.state))")
                return
            }
            #expect(since.microseconds > 0 && !reason.isEmpty)
            #expect(try await scope.snapshot(id).volumes.map(\.volumeID.text) == ["v1"])
            try await retry {
                // Written again each time: a look that is under way may put the fault back.
                try scope.write(Self.state(volumes: Self.volume("v9"), masking: ""))
                try await scope.discovery.refresh(id)
            }
            #expect(try await scope.snapshot(id).volumes.map(\.volumeID.text) == ["v9"])
            let later = try await scope.store.read { try $0.storageSystem(id) }
            #expect(later?.state == .active)
        }
    }

    @Test func `another machine in a system's place is not believed`() async throws {
        try await withDiscovery { scope in
            try scope.write(Self.state())
            let id = try await scope.add().systemID
            try await scope.discovery.refresh(id)
            try scope.write(Self.state(serial: "SN2", volumes: Self.volume("v9"), masking: Self.masked("v9")))
            await #expect(
                throws: DiscoveryError.anotherMachine(id, expected: "ACME SN1 (sim-SN1)", found: "ACME SN2 (sim-SN2)")
            ) { try await scope.discovery.refresh(id) }
            #expect(try await scope.snapshot(id).volumes.map(\.volumeID.text) == ["v1"])
            #expect(try await scope.problems(id).count == 1)
        }
    }

    @Test func `IDs that cannot be so are problems of that system, and nothing changes by them`() async throws {
        try await withDiscovery { scope in
            try scope.write(Self.state())
            let id = try await scope.add().systemID
            try await scope.discovery.refresh(id)
            try scope.write(Self.state(extra: #","faults":["volume.list:lie:1000","masking.list:lie:1000"]"#))
            try await scope.discovery.refresh(id)
            #expect(
                Set(try await scope.problems(id).map(\.reason)) == [
                    "was listed twice; neither entry is believed",
                    "names the unknown volume a volume that is not there; it is not believed",
                ])
            #expect(try await scope.snapshot(id).volumes.map(\.sizeBytes) == [1_073_741_824])
            #expect(try await scope.snapshot(id).masking.count == 1)
            try scope.write(Self.state())
            try await scope.discovery.refresh(id)
            #expect(try await scope.problems(id).isEmpty)
        }
    }

    @Test func `one hung plug-in holds up no other system`() async throws {
        var limits = Self.impatient
        limits.readDeadline = .seconds(600)
        try await withDiscovery(limits) { scope in
            try scope.write(Self.state(serial: "hung"), to: "hung")
            let hung = try await scope.add("hung").systemID
            try await scope.discovery.refresh(hung)
            try scope.write(Self.state(serial: "hung", extra: #","faults":["volume.list:hang:100"]"#), to: "hung")
            let stuck = (0..<8).map { _ in Task { try await scope.discovery.refresh(hung) } }
            for name in ["a", "b", "c"] {
                try scope.write(Self.state(serial: name), to: name)
                let id = try await scope.add(name).systemID
                let looked = try await scope.discovery.refresh(id)
                #expect(looked.state == .active)
            }
            await scope.discovery.stop()
            for task in stuck { await #expect(throws: DiscoveryError.unreachable(hung, .stopped)) { try await task.value } }
        }
    }

    @Test func `after a restart the systems are watched with the options they were given`() async throws {
        try await withDiscovery { scope in
            try scope.write(Self.state())
            let id = try await scope.add().systemID
            await scope.discovery.stop()
            let next = Discovery(
                store: scope.store, finder: PluginFinder(directories: [try BuiltProducts.directory()]), limits: Self.impatient,
                logger: Logger(label: "discovery"))
            let running = Task { try await next.run() }
            try await retry {
                let volumes = try await scope.snapshot(id).volumes
                if volumes.isEmpty { throw StorageSystemError.unknown(id) }
            }
            running.cancel()
            try await running.value
        }
    }

    /// Tries until there is no error, for at most two minutes.
    private func retry(_ body: () async throws -> Void) async throws {
        let end = ContinuousClock.now + .seconds(120)
        while true {
            do { return try await body() } catch {
                if ContinuousClock.now > end { throw error }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}
