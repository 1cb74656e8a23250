import Foundation
import TestSupport
import Testing

@Suite struct StorageCommandTests {
    static let initiator = "iqn.2026-11.example.host:a"
    static let array = """
        {"system":{"systemID":"sim-1","name":"lab","vendor":"ACME","model":"Sim","serialNumber":"SN1","firmware":"1.0","health":"ok"},
        "pools":[{"poolID":"p1","name":"pool","totalBytes":1099511627776,"freeBytes":1098437885952,"health":"ok"}],
        "disks":[{"diskID":"d1","name":"disk 1","sizeBytes":1099511627776,"poolID":"p1","kind":"ssd","role":"data","health":"ok"}],
        "ports":[{"portID":"is1","transport":"iscsi","iqn":"iqn.2026-11.example.array:1","portals":["10.0.0.1:3260"],"portalGroupTag":1,
          "state":"online"}],
        "volumes":[{"volumeID":"v1","name":"ledger","sizeBytes":1073741824,"poolID":"p1","wwid":"naa.60000000000000000000000000000001",
          "health":"ok"},
          {"volumeID":"v/2","name":"strangers","sizeBytes":2147483648,"poolID":"p1","wwid":"naa.60000000000000000000000000000002",
          "health":"ok"}],
        "masking":[{"volumeID":"v1","initiator":"\(initiator)","lun":1,"portIDs":["is1"],"access":"rw"},
          {"volumeID":"v/2","initiator":"iqn.2026-11.example.stranger:b","lun":1,"portIDs":["is1"],"access":"rw"}],
        "sessions":[]}
        """

    @Test func whatAStorageSystemHoldsIsListed() async throws {
        try await ControllerProcess.run { controller in
            let state = try controller.file("array.json", Self.array)
            let system = try await controller.done(
                "system", "add", "--plugin", "simulator", "--option", "state=\(state)", "--interval", "60s")
            let id = system.string("systemID")
            #expect(system.string("vendor") == "ACME" && system.json["intervalSeconds"] as? Int == 60)
            let refreshed = try await controller.done("system", "refresh", id)
            #expect(!refreshed.string("lastDiscoveryAt").isEmpty)
            let volumes = try await controller.done("volume", "list", "--system", id).list("volumes")
            #expect(volumes.map { $0["name"] as? String ?? "" }.sorted() == ["ledger", "strangers"])
            #expect(try await controller.done("volume", "show", "v/2", "--system", id).json["sizeBytes"] as? Int == 2_147_483_648)
            #expect(try await controller.done("port", "list").list("ports").first?["portID"] as? String == "is1")
            let masking = try await controller.done("masking", "list").list("masking")
            #expect(Set(masking.compactMap { $0["initiator"] as? String }) == [Self.initiator, "iqn.2026-11.example.stranger:b"])
            let history = try await controller.done("history", "list", "--limit", "1000").list("history")
            #expect(history.contains { $0["object"] as? String == "volume" && $0["change"] as? String == "appeared" })
            let first = try await controller.done("history", "list", "--limit", "1")
            #expect(first.list("history").count == 1 && !first.string("next").isEmpty)
            let second = try await controller.done("history", "list", "--limit", "1", "--after", first.string("next"))
            #expect(second.list("history").first?["sequence"] as? Int != first.list("history").first?["sequence"] as? Int)

            // A change on the system is there as soon as a refresh has returned.
            _ = try controller.file("array.json", Self.array.replacingOccurrences(of: "1073741824", with: "3221225472"))
            _ = try await controller.done("system", "refresh", id)
            #expect(try await controller.done("volume", "show", "v1", "--system", id).json["sizeBytes"] as? Int == 3_221_225_472)

            try await controller.refused(73, "is here already", "system", "add", "--plugin", "simulator", "--option", "state=\(state)")
            try await controller.refused(66, "never had a volume v9", "volume", "show", "v9", "--system", id)
            try await controller.refused(64, "--yes", "system", "remove", id)
            #expect(try await controller.done("system", "remove", id, "--dry-run").string("state") == "active")
            #expect(try await controller.done("system", "remove", id, "--yes").string("state") == "removed")
            #expect(try await controller.done("system", "list").list("systems").isEmpty)
            try await controller.refused(1, "was removed", "system", "refresh", id)
        }
    }

    @Test func whatIsWrongWithAStorageSystemIsSaid() async throws {
        try await ControllerProcess.run { controller in
            try await controller.refused(66, "quartermaster-plugin-nope", "system", "add", "--plugin", "nope")
            try await controller.refused(65, "name", "system", "add", "--plugin", "../evil")
            try await controller.refused(65, "state", "system", "add", "--plugin", "simulator")
            try await controller.refused(65, "colour", "system", "add", "--plugin", "simulator", "--option", "colour=red")
            try await controller.refused(66, "no storage system", "system", "show", "system-none")
            try await controller.refused(66, "no storage system", "system", "refresh", "system-none")
            #expect(try await controller.done("system", "list").list("systems").isEmpty)
        }
    }

    @Test func aPadIsMadeCheckedMendedAndRetired() async throws {
        try await ControllerProcess.run { controller in
            let account = try await controller.done("account", "create", "--name", "Example").string("accountID")
            let directory = controller.directory + "/pad"
            let pad = try await controller.done("pad", "create", directory, "--account", account, "--interval", "200ms")
            let id = pad.string("padID")
            #expect(pad.string("directory") == directory && pad.string("fingerprint").hasPrefix("SHA256:"))
            #expect(try await controller.done("key", "show").string("fingerprint") == pad.string("fingerprint"))
            for name in ["in", "out", "bad", "pad.p7s"] { #expect(FileManager.default.fileExists(atPath: "\(directory)/\(name)")) }
            #expect(try await controller.done("pad", "check", id).json["sound"] as? Bool == true)
            try await controller.refused(73, "pad", "pad", "create", directory, "--account", account)
            try await controller.refused(65, "holds the controller's data", "pad", "create", controller.directory, "--shared")
            try FileManager.default.createDirectory(atPath: directory + "s/one", withIntermediateDirectories: true)
            _ = try await controller.done("pad", "create", directory + "s/one", "--shared")
            try await controller.refused(65, "holds the pad", "pad", "create", directory + "s", "--shared")
            try await controller.refused(64, "DIR is empty", "pad", "create", "", "--shared")
            try await controller.refused(66, "no account", "pad", "create", controller.directory + "/b", "--account", "account-none")
            #expect(!FileManager.default.fileExists(atPath: controller.directory + "/b"))

            // What the controller does not mend by itself.
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: directory + "/in")
            let broken = try await controller.command("pad", "check", id, "--format", "json")
            #expect(broken.status == 1 && broken.json["sound"] as? Bool == false && broken.errors.contains("pad repair"))
            #expect(try await controller.done("pad", "repair", id).json["sound"] as? Bool == true)
            #expect(try await controller.done("pad", "check", id).json["sound"] as? Bool == true)

            _ = FileManager.default.createFile(atPath: directory + "/bad/leftover", contents: Data("x".utf8))
            try await controller.refused(64, "--yes", "pad", "purge", id)
            _ = try await controller.done("pad", "purge", id, "--dry-run")
            #expect(FileManager.default.fileExists(atPath: directory + "/bad/leftover"))
            _ = try await controller.done("pad", "purge", id, "--yes")
            #expect(!FileManager.default.fileExists(atPath: directory + "/bad/leftover"))

            _ = FileManager.default.createFile(atPath: directory + "/readme", contents: nil)
            let removed = try await controller.done("pad", "remove", id, "--yes")
            #expect(removed.output.contains("readme"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["readme"])
            #expect(try await controller.done("pad", "show", id).string("state") == "retired")
            try await controller.refused(1, "retired", "pad", "check", id)
            let again = try await controller.done("pad", "create", directory, "--shared")
            #expect(again.string("padID") != id && again.json["shared"] as? Bool == true)
        }
    }

    @Test func aHostRegistersAndItsVolumeIsAssociated() async throws {
        try await ControllerProcess.run { controller in
            let account = try await controller.done("account", "create", "--name", "Example").string("accountID")
            _ = try await controller.done("domain", "create", "--account", account, "--name", "web")
            let password = try controller.file("password", "correct horse\n")
            _ = try await controller.done(
                "user", "create", "--account", account, "--domain", "web", "--name", "alice", "--role", "server-admin", "--password-file",
                password)
            let state = try controller.file("array.json", Self.array)
            let system = try await controller.done("system", "add", "--plugin", "simulator", "--option", "state=\(state)").string(
                "systemID")
            _ = try await controller.done("system", "refresh", system)
            let pad = try await controller.done("pad", "create", controller.directory + "/pad", "--account", account, "--interval", "100ms")
            let root = try Self.root(in: controller.directory)
            let agent = [
                "register", "--state-directory", controller.directory + "/state", "--sysroot", root, "--pad", controller.directory + "/pad",
                "--account", account, "--domain", "web", "--user", "alice", "--controller-key", pad.string("fingerprint"), "--format",
                "json",
            ]
            let accepted = try await Command.run("quartermaster-agent", agent + ["--password-file", password])
            #expect(accepted.status == 0 && accepted.string("outcome") == "accepted", "\(accepted.output) \(accepted.errors)")
            let hostID = accepted.string("hostID")

            let host = try #require(try await controller.done("host", "list").list("hosts").first)
            #expect(host["hostID"] as? String == hostID && host["hostName"] as? String == "demohost")
            #expect(host["accountID"] as? String == account && host["domain"] as? String == "web")
            #expect(host["state"] as? String == "registered" && host["registeredAt"] is String && host["lastReportAt"] is String)
            #expect(host["initiators"] as? [[String: String]] == [["transport": "iscsi", "iqn": Self.initiator]])
            let shown = try await controller.done("host", "show", hostID)
            #expect((shown.json["inventory"] as? [String: Any])?["format"] as? String == "quartermaster-inventory/1")
            #expect(shown.json["fileSystems"] is [Any])

            let associations = try await controller.done("association", "list").list("associations")
            let association = try #require(associations.first)
            #expect(associations.count == 1)
            #expect(association["state"] as? String == "confirmed" && association["initiator"] as? String == Self.initiator)
            #expect(association["accountID"] as? String == account && association["hostID"] as? String == hostID)
            #expect(association["systemID"] as? String == system && association["volumeID"] as? String == "v1")
            #expect(association["volumeName"] as? String == "ledger" && association["sizeBytes"] as? Int == 1_073_741_824)
            #expect(association["wwid"] as? String == "naa.60000000000000000000000000000001" && association["lun"] as? Int == 1)
            let kinds = (association["evidence"] as? [[String: Any]] ?? []).compactMap { $0["kind"] as? String }
            #expect(Set(kinds).isSuperset(of: ["claim", "masking", "accountPad"]))
            let associationID = association["associationID"] as? String ?? ""
            #expect(try await controller.done("association", "show", associationID).string("state") == "confirmed")
            #expect(
                try await controller.done("volume", "list", "--account", account).list("volumes").map { $0["volumeID"] as? String } == [
                    "v1"
                ])

            let assigned = try await controller.done("initiator", "assign", Self.initiator.uppercased(), "--account", account)
            #expect(assigned.string("assignedAccountID") == account && assigned.string("hostID") == hostID)
            let strong = try await controller.done("association", "show", associationID)
            #expect(strong.output.contains("\"assigned\""))
            #expect(try await controller.done("initiator", "list").list("initiators").count == 1)
            _ = try await controller.done("initiator", "release", Self.initiator)

            try await controller.refused(64, "--yes", "association", "reject", associationID)
            let events = try await controller.done("audit", "list", "--limit", "1000").list("events").count
            let foretold = try await controller.done("association", "reject", associationID, "--dry-run")
            let change = try #require((foretold.json["changes"] as? [[String: Any]])?.first)
            #expect(foretold.string("state") == "confirmed" && change["associationID"] as? String == associationID)
            #expect(change["before"] as? String == "confirmed" && change["after"] as? String == "stale")
            #expect(change["hostName"] as? String == "demohost" && change["volumeName"] as? String == "ledger")
            #expect(try await controller.done("association", "show", associationID).string("state") == "confirmed")
            #expect(try await controller.done("audit", "list", "--limit", "1000").list("events").count == events)
            let rejected = try await controller.command("association", "reject", associationID, "--yes", "--reason", "not theirs")
            #expect(rejected.status == 0 && rejected.output.contains("What changed:"), "\(rejected.errors)")
            let row = try #require(try await controller.done("audit", "list", "--newest-first", "--limit", "1").list("events").first)
            let detail = row["detail"] as? String ?? ""
            #expect(
                row["action"] as? String == "association.reject" && detail.hasPrefix("reason=not theirs; \(associationID) (\(hostID) on "))
            #expect(detail.contains("confirmed, then stale"), "\(detail)")
            #expect(try await controller.done("association", "show", associationID).string("note").contains("the provider rejected"))

            try await controller.refused(1, "suspended", "host", "resume", hostID)
            #expect(try await controller.done("host", "suspend", hostID, "--reason", "audit").string("state") == "suspended")
            #expect(try await controller.done("host", "resume", hostID).string("state") == "registered")
            _ = try await controller.done("host", "release", hostID)
            try await controller.refused(64, "--yes", "host", "remove", hostID)
            _ = try await controller.done("initiator", "assign", Self.initiator, "--account", account)
            _ = try await controller.done("initiator", "release", Self.initiator)
            let removal = try await controller.done("host", "remove", hostID, "--dry-run")
            #expect(removal.string("state") == "registered" && removal.json["changes"] is [Any])
            #expect(try await controller.done("host", "show", hostID).string("state") == "registered")
            #expect(try await controller.done("host", "remove", hostID, "--yes").string("state") == "unregistered")
            #expect(try await controller.done("association", "list").list("associations").allSatisfy { $0["state"] as? String == "stale" })
            try await controller.refused(66, "no host", "host", "show", "host-none")
            try await controller.refused(66, "no association", "association", "confirm", "association-99")

            let wrong = try controller.file("wrong", "battery staple\n")
            var stranger = agent
            stranger[2] = controller.directory + "/stranger"
            let refused = try await Command.run("quartermaster-agent", stranger + ["--password-file", wrong])
            #expect(refused.status == 77 && refused.string("outcome") == "refused", "\(refused.errors)")
            #expect(try await controller.done("audit", "verify").json["intact"] as? Bool == true)
        }
    }

    @Test func aPluginIsHeldToTheProtocol() async throws {
        try await withTemporaryDirectory { directory in
            let state = directory + "/array.json"
            try Self.array.write(toFile: state, atomically: true, encoding: .utf8)
            let checked = try await Command.run(
                arguments: ["plugin", "check", "simulator", "--option", "state=\(state)", "--write", "--format", "json"])
            #expect(checked.status == 0 && checked.json["holds"] as? Bool == true, "\(checked.output) \(checked.errors)")
            let none = try await Command.run(arguments: ["plugin", "check", "nope"])
            #expect(none.status == 66 && none.errors.contains("quartermaster-plugin-nope"))
        }
    }

    /// A root with nothing but a name, a machine ID and an initiator.
    private static func root(in directory: String) throws -> String {
        let root = directory + "/root"
        for folder in ["sys", "proc", "run/udev", "etc/iscsi"] {
            try FileManager.default.createDirectory(atPath: "\(root)/\(folder)", withIntermediateDirectories: true)
        }
        for (file, text) in [
            "etc/hostname": "demohost\n", "etc/machine-id": "0123456789abcdef0123456789abcdef\n",
            "etc/iscsi/initiatorname.iscsi": "InitiatorName=\(initiator)\n",
            "etc/os-release": "NAME=Test\nVERSION_ID=1\n",
        ] { try text.write(toFile: "\(root)/\(file)", atomically: true, encoding: .utf8) }
        return root
    }
}
