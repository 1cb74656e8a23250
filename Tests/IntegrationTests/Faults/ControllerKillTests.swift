import Foundation
import Identifiers
import Store
import TestSupport
import Testing

/// `kill -9` of the controller's program at its durable steps: no accepted message is lost, none applied twice, each is answered once.
@Suite(.serialized) struct ControllerKillTests {
    /// A controller with a customer and a pad, as files; nothing runs.
    private struct Scene {
        let directory: String
        let killSwitch: KillSwitch
        let padID: PadID
        let population: Population
    }

    private func with(_ body: (Scene) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let killSwitch = try await KillSwitch(in: directory)
            let made = try await Command.run(arguments: ["init", "--data-directory", directory + "/data"])
            try #require(made.status == 0, "\(made.errors)")
            let controller = try await ControllerProcess.start(in: directory)
            let account = try await controller.done("account", "create", "--name", "Example").string("accountID")
            _ = try await controller.done("domain", "create", "--account", account, "--name", "web")
            let password = try controller.file("password", ControllerFixture.password + "\n")
            _ = try await controller.done(
                "user", "create", "--account", account, "--domain", "web", "--name", "alice", "--role", "server-admin", "--password-file",
                password)
            let pad = try await controller.done("pad", "create", directory + "/pad", "--account", account, "--interval", "100ms")
            #expect(controller.stop() == 0)
            let customer = ControllerFixture.Customer.named(try #require(AccountID(account)), domain: "web", user: "alice")
            let population = Population(
                pad: directory + "/pad", controller: try #require(Fingerprint(pad.string("fingerprint"))), customer: customer)
            try await body(
                Scene(
                    directory: directory, killSwitch: killSwitch, padID: try #require(PadID(pad.string("padID"))), population: population))
        }
    }

    @Test func aControllerKilledAtAnyStepDecidesAndAnswersEachMessageOnce() async throws {
        try await with { scene in
            // What it does for one round of messages, once there are hosts in each stage.
            var controller = try await ControllerProcess.start(
                in: scene.directory, environment: scene.killSwitch.environment(at: 0, log: "round", armed: true))
            for round in 0..<3 {
                if round == 2 { try scene.killSwitch.arm() }
                try scene.population.speak()
                #expect(try await eventually { try scene.population.isSettled() })
            }
            try scene.killSwitch.disarm()
            controller.kill()
            let steps = KillSwitch.chosen(try scene.killSwitch.calls("round"), most: 24)
            #expect(steps.count >= 5)

            var killed = 0
            for step in steps {
                controller = try await ControllerProcess.start(
                    in: scene.directory, environment: scene.killSwitch.environment(at: step, armed: true))
                let isSettled = try await eventually { try scene.population.isSettled() }
                let log = try controller.log()
                #expect(isSettled, "after the kill before step \(step): \(log)")
                try scene.killSwitch.arm()
                try scene.population.speak()
                let process = controller.process
                let isOver = try await eventually { if process.isRunning { try scene.population.isSettled() } else { true } }
                #expect(isOver)
                if process.isRunning {
                    controller.kill()
                } else {
                    process.waitUntilExit()
                    #expect(process.terminationStatus == SIGKILL)
                    killed += 1
                }
                try scene.killSwitch.disarm()
            }
            // A round is one batch or several, as it happens: the later steps are not always reached.
            #expect(killed >= steps.count / 3)
            try await finish(scene)
        }
    }

    @Test func aControllerKilledWhileItStartsLosesNothing() async throws {
        try await with { scene in
            var controller = try await ControllerProcess.start(in: scene.directory)
            for _ in 0..<2 {
                try scene.population.speak()
                #expect(try await eventually { try scene.population.isSettled() })
            }
            controller.kill()
            // It finds messages that wait and answers that somebody removed.
            try scene.population.speak()
            try scene.population.removeAnswers()
            controller = try await ControllerProcess.start(
                in: scene.directory, environment: scene.killSwitch.environment(at: 0, log: "start"))
            #expect(try await eventually { try scene.population.isSettled() })
            controller.kill()
            var killed = 0
            for step in KillSwitch.chosen(try scene.killSwitch.calls("start"), most: 12) {
                try scene.population.speak()
                try scene.population.removeAnswers()
                controller = try ControllerProcess.launch(in: scene.directory, environment: scene.killSwitch.environment(at: step))
                let process = controller.process
                let isOver = try await eventually { if process.isRunning { try scene.population.isSettled() } else { true } }
                #expect(isOver)
                if !process.isRunning { killed += 1 }
                controller.kill()
                controller = try await ControllerProcess.start(in: scene.directory)
                let isSettled = try await eventually { try scene.population.isSettled() }
                let log = try controller.log()
                #expect(isSettled, "after the kill before step \(step): \(log)")
                controller.kill()
            }
            #expect(killed >= 4)
            try await finish(scene)
        }
    }

    /// A last run without faults, and what must hold of everything that was said.
    private func finish(_ scene: Scene) async throws {
        let controller = try await ControllerProcess.start(in: scene.directory)
        let population = scene.population
        #expect(try await eventually { try population.isSettled() })
        try population.expectOneAnswerEach()

        let hosts = try await controller.done("host", "list", "--limit", "1000").list("hosts")
        #expect(hosts.count == population.registered)
        #expect(hosts.count { $0["state"] as? String == "unregistered" } == population.left)
        #expect(hosts.count { ($0["hostName"] as? String)?.hasPrefix("renamed") == true } == population.reported)
        let events = try await controller.done("audit", "list", "--limit", "1000").list("events")
        func count(_ action: String) -> Int { events.count { $0["action"] as? String == action } }
        #expect(count("host.register") == population.registered)
        #expect(count("host.unregister") == population.left)
        #expect(Set(events.compactMap { $0["outcome"] as? String }) == ["done"])
        #expect(try await controller.done("audit", "verify").json["intact"] as? Bool == true)
        #expect(try await controller.done("pad", "check", scene.padID.text).json["sound"] as? Bool == true)
        #expect(controller.stop() == 0)

        #expect(KillSwitch.temporaries(below: scene.directory).isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: population.pad + "/in").isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: population.pad + "/bad").isEmpty)
        let store = try await Store(directory: DataDirectory(scene.directory + "/data"))
        let padID = scene.padID
        for (key, last) in population.numbers {
            let sender = try await store.read { try $0.sender(key, on: padID) }
            #expect(sender?.window?.last == last)
        }
        try store.close()
    }
}
