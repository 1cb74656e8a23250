import Foundation
import Glibc
import TestSupport
import Testing

@Suite struct ControllerCommandTests {
    @Test func initMakesAControllerOnce() async throws {
        try await withTemporaryDirectory { directory in
            let made = try await Command.run(arguments: ["init", "--data-directory", directory + "/data", "--format", "json"])
            #expect(made.status == 0 && Set(made.json.keys) == ["controllerID", "fingerprint"])
            #expect(made.string("fingerprint").hasPrefix("SHA256:") && made.errors.isEmpty)
            let again = try await Command.run(arguments: ["init", "--data-directory", directory + "/data"])
            #expect(again.status == 73 && again.output.isEmpty && again.errors.contains("nothing was changed"))
        }
    }

    @Test func aControllerThatIsNotThereIsUnavailable() async throws {
        let result = try await Command.run(arguments: ["host", "list", "--socket", "/nowhere/s"])
        #expect(result.status == 69 && result.errors.contains("no controller answers at /nowhere/s"))
    }

    @Test func aServerWithoutADatabaseSaysWhatToDo() async throws {
        try await withTemporaryDirectory { directory in
            let result = try await Command.run(arguments: ["server", "--data-directory", directory, "--socket", directory + "/s"])
            #expect(result.status == 66 && result.errors.contains("quartermaster init") && !result.errors.contains("ready"))
        }
    }

    @Test func aDamagedDatabaseIsNotServedAndTheWayBackIsSaid() async throws {
        try await withTemporaryDirectory { directory in
            _ = try await Command.run(arguments: ["init", "--data-directory", directory + "/data"])
            let path = directory + "/data/controller.db"
            let size = try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            try file.seek(toOffset: 4_096)
            try file.write(contentsOf: Data(repeating: 0xA5, count: size - 4_096))
            try file.close()
            let result = try await Command.run(arguments: ["server", "--data-directory", directory + "/data", "--socket", directory + "/s"])
            #expect(result.status == 65 && result.errors.contains("quartermaster restore"), "\(result.errors)")
        }
    }

    @Test func aConfigurationIsCheckedWithoutRunning() async throws {
        try await withTemporaryDirectory { directory in
            let file = directory + "/c.yaml"
            try "socket: /run/x\nlogLevl: info\npadInterval: 0s\n".write(toFile: file, atomically: true, encoding: .utf8)
            let faulty = try await Command.run(arguments: ["server", "--config", file, "--check"])
            #expect(faulty.status == 78 && faulty.output.isEmpty)
            #expect(faulty.errors.contains("\(file):2: logLevl: ") && faulty.errors.contains("\(file):3: padInterval: "))
            try "socket: /run/x\n".write(toFile: file, atomically: true, encoding: .utf8)
            #expect(try await Command.run(arguments: ["server", "--config", file, "--check"]).status == 0)
            #expect(try await Command.run(arguments: ["server", "--config", directory + "/none", "--check"]).status == 66)
        }
    }

    @Test func twoControllersDoNotShareADirectoryOrASocket() async throws {
        try await ControllerProcess.run { controller in
            let second = try await Command.run(
                arguments: ["server", "--data-directory", controller.directory + "/data", "--socket", controller.directory + "/t"])
            #expect(second.status == 1 && second.errors.contains("another controller runs on the data directory"))
            _ = try await Command.run(arguments: ["init", "--data-directory", controller.directory + "/other"])
            let third = try await Command.run(
                arguments: ["server", "--data-directory", controller.directory + "/other", "--socket", controller.socket])
            #expect(third.status == 1 && third.errors.contains("another controller answers at"))
            #expect(try await controller.command("account", "list").status == 0)
        }
    }

    @Test func aBackupTakenWhileRunningComesBackInANewEpoch() async throws {
        try await ControllerProcess.run { controller in
            _ = try await controller.done("account", "create", "--name", "Example")
            let backup = controller.directory + "/backup"
            #expect(try await controller.done("backup", backup).string("file") == backup)
            #expect(try FileManager.default.attributesOfItem(atPath: backup)[.posixPermissions] as? Int == 0o600)
            try await controller.refused(73, "is there already", "backup", backup)
            let other = controller.directory + "/restored"
            let restored = try await Command.run(arguments: ["restore", backup, "--data-directory", other + "/data", "--format", "json"])
            #expect(restored.status == 0, "\(restored.errors)")
            #expect((restored.json["epoch"] as? Int ?? 0) > 1)
            #expect(try await controller.done("key", "show").string("fingerprint") == restored.string("fingerprint"))
            let again = try await Command.run(arguments: ["restore", backup, "--data-directory", other + "/data"])
            #expect(again.status == 73 && again.errors.contains("empty or new directory"))
            let nonsense = try await Command.run(arguments: [
                "restore", try controller.file("n", "nonsense"), "--data-directory", other + "/x",
            ])
            #expect(nonsense.status == 65, "\(nonsense.errors)")
            let second = try await ControllerProcess.start(in: other)
            #expect(try await second.done("account", "list").list("accounts").count == 1)
            #expect(second.stop() == 0)
        }
    }

    @Test func aKilledControllerComesBackByItself() async throws {
        try await withTemporaryDirectory { directory in
            _ = try await Command.run(arguments: ["init", "--data-directory", directory + "/data"])
            let first = try await ControllerProcess.start(in: directory)
            let id = try await first.done("account", "create", "--name", "Example").string("accountID")
            kill(first.process.processIdentifier, SIGKILL)
            first.process.waitUntilExit()
            #expect(FileManager.default.fileExists(atPath: first.socket))
            #expect(try await first.command("account", "list").status == 69)
            let next = try await ControllerProcess.start(in: directory)
            #expect(try await next.done("account", "show", id).string("name") == "Example")
            #expect(next.stop() == 0)
            #expect(!FileManager.default.fileExists(atPath: first.socket))
        }
    }

    @Test func keysRotateUnderTheSameAuthority() async throws {
        try await ControllerProcess.run { controller in
            let before = try await controller.done("key", "show")
            let after = try await controller.done("key", "rotate")
            #expect(before.string("fingerprint") == after.string("fingerprint"))
            let old = before.list("keys").first { $0["role"] as? String == "decryption" }?["fingerprint"] as? String
            #expect(after.list("keys").contains { $0["state"] as? String == "previous" && $0["fingerprint"] as? String == old })
        }
    }

    @Test func aSocketThatIsNotThereAndADataDirectoryThatIsClosedAreSaidAsWhatTheyAre() async throws {
        try await withTemporaryDirectory { directory in
            let none = try await Command.run(arguments: ["account", "list", "--socket", directory + "/none"])
            #expect(none.status == 69 && none.errors.contains("No such file or directory"), "\(none.errors)")
            let long = "/" + String(repeating: "x", count: 200)
            let tooLong = try await Command.run(arguments: ["account", "list", "--socket", long])
            #expect(tooLong.status == 64 && tooLong.errors.contains("longer than 107 bytes"), "\(tooLong.errors)")
            guard geteuid() == 0 else { return }
            let made = try await Command.run(arguments: ["init", "--data-directory", directory + "/data"])
            #expect(made.status == 0 && chmod(directory, 0o755) == 0)
            let program = directory + "/quartermaster"
            _ = try await Command.run(at: "/bin/cp", ["--reflink=auto", try BuiltProducts.path("quartermaster"), program])
            let closed = try await Command.run(
                at: "/usr/bin/setpriv",
                ["--reuid=65534", "--regid=65534", "--clear-groups", "--", program, "server", "--data-directory", directory + "/data"])
            #expect(closed.status == 77 && closed.errors.contains("Permission denied"), "\(closed.status) \(closed.errors)")
        }
    }
}
