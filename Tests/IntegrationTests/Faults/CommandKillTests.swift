import Foundation
import TestPrograms
import TestSupport
import Testing

/// Commands that are killed at a step, by themselves or with the controller that carries them out: they can be given again, and nothing half-done
/// stays.
@Suite(.serialized) struct CommandKillTests {
    private func names(_ path: String) throws -> Set<String> { Set(try FileManager.default.contentsOfDirectory(atPath: path)) }

    /// Runs a program to its end, then again and again into the kill at each chosen step, and once more without one.
    private func killAtEachStep(
        _ arguments: (_ run: Int) -> [String], in directory: String, most: Int, after check: (_ run: Int) async throws -> Void
    ) async throws {
        let killSwitch = try await KillSwitch(in: directory)
        let whole = try await Command.run(arguments: arguments(0), environment: killSwitch.environment(at: 0, log: "whole"))
        try #require(whole.status == 0, "\(whole.errors)")
        let steps = KillSwitch.chosen(try killSwitch.calls("whole"), most: most)
        #expect(steps.count >= 5)
        for (index, step) in steps.enumerated() {
            let killed = try await Command.run(arguments: arguments(index + 1), environment: killSwitch.environment(at: step))
            #expect(killed.wasKilled && killed.status == SIGKILL, "step \(step): \(killed.errors)")
            try await check(index + 1)
        }
        let last = try await Command.run(arguments: arguments(steps.count + 1))
        #expect(last.status == 0, "\(last.errors)")
        try await check(steps.count + 1)
    }

    @Test func initThatIsKilledIsFinishedByTheNext() async throws {
        try await withTemporaryDirectory { directory in
            let data = directory + "/data"
            try await killAtEachStep({ ["init", "--data-directory", $0 == 0 ? directory + "/first" : data] }, in: directory, most: 16) {
                _ in
            }
            #expect(try names(data) == ["keys", "controller.db"])
            #expect(KillSwitch.temporaries(below: data).isEmpty)
            let controller = try await ControllerProcess.start(in: directory)
            #expect(try await controller.done("audit", "verify").json["intact"] as? Bool == true)
            #expect(controller.stop() == 0)
        }
    }

    @Test func restoreThatIsKilledIsFinishedByTheNext() async throws {
        try await withTemporaryDirectory { directory in
            let source = directory + "/source"
            try FileManager.default.createDirectory(atPath: source, withIntermediateDirectories: false)
            _ = try await Command.run(arguments: ["init", "--data-directory", source + "/data"])
            var controller = try await ControllerProcess.start(in: source)
            _ = try await controller.done("account", "create", "--name", "Example")
            _ = try await controller.done("backup", directory + "/backup")
            #expect(controller.stop() == 0)

            let data = directory + "/data"
            try await killAtEachStep(
                { ["restore", directory + "/backup", "--data-directory", $0 == 0 ? directory + "/first" : data] }, in: directory, most: 12
            ) { _ in }
            #expect(try names(data).isSubset(of: ["keys", "controller.db", "audit"]))
            #expect(KillSwitch.temporaries(below: data).isEmpty)
            controller = try await ControllerProcess.start(in: directory)
            #expect(try await controller.done("account", "list").list("accounts").count == 1)
            #expect(try await controller.done("audit", "verify").json["intact"] as? Bool == true)
            #expect(controller.stop() == 0)
        }
    }

    @Test func backupThatIsKilledLeavesNoHalfFileAndTheNextClearsUp() async throws {
        try await ControllerProcess.run { controller in
            let folder = controller.directory + "/backups"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            try await killAtEachStep(
                { ["backup", "\(folder)/backup\($0)", "--socket", controller.socket] }, in: controller.directory, most: 16
            ) { run in
                let path = "\(folder)/backup\(run)"
                guard FileManager.default.fileExists(atPath: path) else { return }
                let restored = try await Command.run(arguments: [
                    "restore", path, "--data-directory", "\(controller.directory)/restored\(run)",
                ])
                #expect(restored.status == 0, "\(restored.errors)")
            }
            #expect(try names(folder).allSatisfy { $0.hasPrefix("backup") })
        }
    }

    // MARK: With the controller

    /// What is asked of a controller that dies over it.
    enum Order: String, CaseIterable, Sendable {
        case backup, rotateKeys, createPad, repairPad, removePad
    }

    /// A controller that is killed at a step of each order, and then asked again.
    private struct Scene {
        let directory: String
        let order: Order
        let account: String
        var controller: ControllerProcess

        func pad(_ run: Int) -> String { "\(directory)/pad\(run)" }

        func padID(_ run: Int) async throws -> String {
            let pads = try await controller.done("pad", "list", "--limit", "1000").list("pads")
            return pads.last { $0["directory"] as? String == pad(run) }?["padID"] as? String ?? ""
        }

        func arguments(_ run: Int, _ padID: String) -> [String] {
            switch order {
            case .backup: ["backup", "\(directory)/backups/\(run)"]
            case .rotateKeys: ["key", "rotate"]
            case .createPad: ["pad", "create", pad(run), "--account", account]
            case .repairPad: ["pad", "repair", padID]
            case .removePad: ["pad", "remove", padID, "--yes"]
            }
        }

        /// Makes what the order is about.
        func prepare(_ run: Int) async throws -> String {
            guard order == .repairPad || order == .removePad else { return "" }
            return try await controller.done("pad", "create", pad(run), "--account", account).string("padID")
        }

        func give(_ run: Int, _ padID: String) async throws -> Command {
            try await Command.run(arguments: arguments(run, padID), environment: ["QUARTERMASTER_SOCKET": controller.socket])
        }

        /// What holds when the order has been broken off, and is given again.
        func mend(_ run: Int, _ padID: String) async throws {
            let names = try FileManager.default.contentsOfDirectory(atPath: directory + "/backups")
            #expect(names.allSatisfy { !$0.hasPrefix(".") })
            let again = try await give(run, padID)
            switch order {
            case .backup:
                // Made whole before the controller died, or not at all.
                #expect(again.status == (names.contains("\(run)") ? 73 : 0), "\(again.errors)")
            case .rotateKeys:
                #expect(again.status == 0, "\(again.errors)")
                #expect(try await controller.done("pad", "check", self.padID(-1)).json["sound"] as? Bool == true)
            case .createPad:
                #expect(again.status == 0 || again.status == 73 && again.errors.contains("pad"), "\(again.errors)")
                #expect(try await controller.done("pad", "check", self.padID(run)).json["sound"] as? Bool == true)
            case .repairPad:
                #expect(again.status == 0, "\(again.errors)")
                #expect(try await controller.done("pad", "check", padID).json["sound"] as? Bool == true)
            case .removePad:
                #expect(again.status == 0 || again.status == 1 && again.errors.contains("is retired"), "\(again.errors)")
                #expect(try FileManager.default.contentsOfDirectory(atPath: pad(run)).isEmpty)
                #expect(try await controller.done("pad", "show", padID).string("state") == "retired")
            }
        }
    }

    @Test(arguments: Order.allCases) func anOrderThatTheControllerDiesOverCanBeGivenAgain(order: Order) async throws {
        try await withTemporaryDirectory { directory in
            let killSwitch = try await KillSwitch(in: directory)
            try FileManager.default.createDirectory(atPath: directory + "/backups", withIntermediateDirectories: false)
            _ = try await Command.run(arguments: ["init", "--data-directory", directory + "/data"])
            let first = try await ControllerProcess.start(
                in: directory, environment: killSwitch.environment(at: 0, log: "order", armed: true))
            let account = try await first.done("account", "create", "--name", "Example").string("accountID")
            var scene = Scene(directory: directory, order: order, account: account, controller: first)
            _ = try await first.done("pad", "create", scene.pad(-1), "--account", account)
            var subject = try await scene.prepare(0)
            try killSwitch.arm()
            let whole = try await scene.give(0, subject)
            #expect(whole.status == 0, "\(whole.errors)")
            try killSwitch.disarm()
            scene.controller.kill()

            var killed = 0
            let steps = KillSwitch.chosen(try killSwitch.calls("order"), most: 8)
            var broken: Int?
            for (index, step) in steps.enumerated() {
                scene.controller = try await ControllerProcess.start(
                    in: directory, environment: killSwitch.environment(at: step, armed: true))
                if let broken { try await scene.mend(broken, subject) }
                subject = try await scene.prepare(index + 1)
                try killSwitch.arm()
                let result = try await scene.give(index + 1, subject)
                try killSwitch.disarm()
                scene.controller.process.waitUntilExitOrKill()
                if result.status != 0 {
                    #expect(result.status == 69, "\(order) at step \(step): \(result.errors)")
                    killed += 1
                }
                broken = index + 1
            }
            #expect(killed >= steps.count / 3, "\(killed) of \(steps.count)")
            scene.controller = try await ControllerProcess.start(in: directory)
            if let broken { try await scene.mend(broken, subject) }
            #expect(try await scene.controller.done("audit", "verify").json["intact"] as? Bool == true)
            #expect(try await scene.controller.done("pad", "check", scene.padID(-1)).json["sound"] as? Bool == true)
            #expect(scene.controller.stop() == 0)
            #expect(KillSwitch.temporaries(below: directory).isEmpty, "\(order)")
            let copies = FileManager.default.enumerator(atPath: directory + "/data/.backup")?.allObjects ?? []
            #expect(copies.isEmpty)
        }
    }
}

extension ChildProcess {
    /// The program was to die; one that did not reach the step is killed.
    fileprivate func waitUntilExitOrKill() {
        send(SIGKILL)
        waitUntilExit()
    }
}
