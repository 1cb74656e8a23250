import Foundation
import Glibc
import TestSupport
import Testing

/// A pad on real file systems that fill up, become read-only, go and come back, or turn out to be another: what the controller and the agent say,
/// and that they go on by themselves. In a mount namespace that goes with the test.
@Suite struct PadFileSystemTests {
    enum Fault: String, CaseIterable, Sendable {
        case full = "fullPadInside"
        case readOnly = "readOnlyPadInside"
        case gone = "gonePadInside"
        case moved = "movedPadInside"
        case other = "otherPadInside"
    }

    @Test(.enabled(if: TestAgain.mayMount && TestAgain.directory == nil, "mounting needs root and unshare"), arguments: Fault.allCases)
    func aPadOnARealFileSystemFails(fault: Fault) async throws {
        try await withTemporaryDirectory { directory in
            let result = try await TestAgain.run("PadFileSystemTests/\(fault.rawValue)", in: directory, mounted: true)
            #expect(result.status == 0 && (result.output + result.errors).contains("with 1 test"), "\(result.output) \(result.errors)")
        }
    }

    // MARK: Inside

    /// A controller, and an agent that is registered on a pad in a file system of its own.
    private struct Scene {
        let controller: ControllerProcess
        let padID: String
        let hostID: String
        let agent: [String]

        var directory: String { controller.directory }
        /// The file system that the pad is bound from.
        var disk: String { directory + "/disk" }
        var pad: String { directory + "/pad" }

        static func shell(_ line: String, at: SourceLocation = #_sourceLocation) async throws {
            let result = try await Command.run(at: "/bin/sh", ["-c", line])
            #expect(result.status == 0, "\(line): \(result.errors)", sourceLocation: at)
        }

        func report(_ name: String, _ options: String...) async throws -> Command {
            try "\(name)\n".write(toFile: directory + "/root/etc/hostname", atomically: false, encoding: .utf8)
            return try await Command.run("quartermaster-agent", ["report"] + agent + options)
        }

        func status() async throws -> String { try await Command.run("quartermaster-agent", ["status"] + agent).output }

        /// The host's name as the controller has it.
        func hostName() async throws -> String { try await controller.done("host", "show", hostID).string("hostName") }

        /// Stops the controller in mid-air while something happens to the pad.
        func whileControllerSleeps(_ body: () async throws -> Void) async throws {
            kill(controller.process.processIdentifier, SIGSTOP)
            defer { kill(controller.process.processIdentifier, SIGCONT) }
            try await body()
        }

        /// Waits until the controller has said this.
        func controllerSays(_ words: String, at: SourceLocation = #_sourceLocation) async throws {
            let said = try await eventually { try controller.log().contains(words) }
            let log = try controller.log()
            #expect(said, "\(log)", sourceLocation: at)
        }
    }

    private func inside(size: String = "4m", _ body: (Scene) async throws -> Void) async throws {
        let directory = try #require(TestAgain.directory)
        for name in ["disk", "pad", "root/etc", "root/sys", "root/proc", "root/run/udev"] {
            try FileManager.default.createDirectory(atPath: "\(directory)/\(name)", withIntermediateDirectories: true)
        }
        try "0123456789abcdef0123456789abcdef\n".write(toFile: directory + "/root/etc/machine-id", atomically: true, encoding: .utf8)
        try await Scene.shell(
            "mount -t tmpfs -o mode=0755,size=\(size) tmpfs \(directory)/disk && mount --bind \(directory)/disk \(directory)/pad")
        _ = try await Command.run(arguments: ["init", "--data-directory", directory + "/data"])
        let controller = try await ControllerProcess.start(in: directory)
        let account = try await controller.done("account", "create", "--name", "Example").string("accountID")
        _ = try await controller.done("domain", "create", "--account", account, "--name", "web")
        let password = try controller.file("password", "correct horse\n")
        _ = try await controller.done(
            "user", "create", "--account", account, "--domain", "web", "--name", "alice", "--role", "server-admin", "--password-file",
            password)
        let pad = try await controller.done("pad", "create", directory + "/pad", "--account", account, "--interval", "100ms")
        let common = [
            "--state-directory", directory + "/state", "--sysroot", directory + "/root", "--config", try controller.file("agent.conf", ""),
        ]
        try "first\n".write(toFile: directory + "/root/etc/hostname", atomically: true, encoding: .utf8)
        let registered = try await Command.run(
            "quartermaster-agent",
            [
                "register", "--pad", directory + "/pad", "--account", account, "--domain", "web", "--user", "alice", "--controller-key",
                pad.string("fingerprint"), "--password-file", password, "--format", "json",
            ] + common)
        try #require(registered.status == 0, "\(registered.errors)")
        try await body(
            Scene(controller: controller, padID: pad.string("padID"), hostID: registered.string("hostID"), agent: common))
        #expect(try await controller.done("audit", "verify").json["intact"] as? Bool == true)
        #expect(controller.stop() == 0)
    }

    @Test(.enabled(if: TestAgain.directory != nil, "by design: the test above runs it in a mount namespace")) func fullPadInside()
        async throws
    {
        try await inside { scene in
            let fill = "dd if=/dev/zero of=\(scene.disk)/filler bs=4k 2>/dev/null; test -s \(scene.disk)/filler"
            // What the registration left is cleared away: it would make room later.
            #expect(
                try await eventually {
                    try FileManager.default.subpathsOfDirectory(atPath: scene.disk).allSatisfy { !$0.hasSuffix(".p7m") }
                })
            // The controller has no room for its answer.
            try await scene.whileControllerSleeps {
                #expect(try await scene.report("second").status == 0)
                try await Scene.shell(fill)
            }
            try await scene.controllerSays("answers were not delivered: ")
            try await scene.controllerSays("No space left on device")
            // What was handled made room for its answers, and they come by themselves.
            #expect(try await scene.report("second", "--wait").status == 0)
            #expect(try await scene.hostName() == "second")

            // The agent has no room for its message.
            try await Scene.shell(fill)
            let refused = try await scene.report("third")
            #expect(refused.status == 73, "\(refused.errors)")
            #expect(refused.errors.contains("cannot publish on the pad \(scene.pad): No space left on device"), "\(refused.errors)")
            #expect(try await scene.status().contains("No space left on device"))
            let check = try await scene.controller.command("pad", "check", scene.padID)
            #expect(check.status == 1 && check.output.contains("No space left on device"), "\(check.output)")
            try await Scene.shell("rm \(scene.disk)/filler")
            #expect(try await scene.report("third", "--wait").status == 0)
            #expect(try await scene.hostName() == "third")
            #expect(try await !scene.status().contains("No space left on device"))
            #expect(KillSwitch.temporaries(below: scene.pad).isEmpty)
        }
    }

    @Test(.enabled(if: TestAgain.directory != nil, "by design: the test above runs it in a mount namespace")) func readOnlyPadInside()
        async throws
    {
        try await inside { scene in
            // The agent cannot write its message.
            try await Scene.shell("mount -o remount,bind,ro \(scene.pad)")
            let refused = try await scene.report("second")
            #expect(refused.status == 73, "\(refused.errors)")
            #expect(refused.errors.contains("cannot publish on the pad \(scene.pad): Read-only file system"), "\(refused.errors)")
            #expect(try await scene.status().contains("Read-only file system"))
            try await Scene.shell("mount -o remount,bind,rw \(scene.pad)")
            #expect(try await scene.report("second", "--wait").status == 0)
            #expect(try await scene.hostName() == "second")

            // The controller cannot write its answer, nor remove the message.
            try await scene.whileControllerSleeps {
                #expect(try await scene.report("third").status == 0)
                try await Scene.shell("mount -o remount,bind,ro \(scene.pad)")
            }
            try await scene.controllerSays("a pad cannot be used: check its directory and mount")
            try await scene.controllerSays("Read-only file system")
            let problem = try await scene.controller.done("pad", "show", scene.padID).string("problem")
            #expect(problem.contains("Read-only file system"), "\(problem)")
            try await Scene.shell("mount -o remount,bind,rw \(scene.pad)")
            #expect(try await scene.report("third", "--wait").status == 0)
            #expect(try await scene.hostName() == "third")
            try await scene.controllerSays("the pad can be used again")
            // What was decided while nothing could be written was decided once.
            let events = try await scene.controller.done("audit", "list", "--limit", "1000").list("events")
            #expect(events.count { $0["action"] as? String == "host.register" } == 1)
        }
    }

    @Test(.enabled(if: TestAgain.directory != nil, "by design: the test above runs it in a mount namespace")) func gonePadInside()
        async throws
    {
        try await inside { scene in
            #expect(try await eventually { try await Command.run(at: "/bin/umount", [scene.pad]).status == 0 })
            let missing = "pad.p7s is not there; is this a pad, and is the file system mounted?"
            try await scene.controllerSays("a pad cannot be used: check its directory and mount")
            try await scene.controllerSays(missing)
            let refused = try await scene.report("second")
            #expect(refused.status == 69, "\(refused.errors)")
            #expect(refused.errors.contains("the pad \(scene.pad) cannot be used: \(missing)"), "\(refused.errors)")
            #expect(try await scene.status().contains(missing))
            // Nothing is made where the file system is not.
            #expect(try FileManager.default.contentsOfDirectory(atPath: scene.pad).isEmpty)
            try await Scene.shell("mount --bind \(scene.disk) \(scene.pad)")
            #expect(try await scene.report("second", "--wait").status == 0)
            try await scene.controllerSays("the pad can be used again")
            #expect(try await scene.hostName() == "second")
            #expect(try await !scene.status().contains(missing))
        }
    }

    @Test(.enabled(if: TestAgain.directory != nil, "by design: the test above runs it in a mount namespace")) func movedPadInside()
        async throws
    {
        try await inside { scene in
            // The provider moves the pad to another device: its header says that it is the same pad.
            try await Scene.shell(
                """
                mkdir \(scene.directory)/new && mount -t tmpfs -o mode=0755 tmpfs \(scene.directory)/new \
                && cp -a \(scene.disk)/. \(scene.directory)/new && mount --bind \(scene.directory)/new \(scene.pad)
                """)
            #expect(try await scene.report("second", "--wait").status == 0)
            #expect(try await scene.hostName() == "second")
            #expect(try await scene.controller.done("pad", "check", scene.padID).json["sound"] as? Bool == true)
            let events = try await scene.controller.done("audit", "list", "--limit", "1000").list("events")
            #expect(events.count { $0["action"] as? String == "host.register" } == 1)
        }
    }

    @Test(.enabled(if: TestAgain.directory != nil, "by design: the test above runs it in a mount namespace")) func otherPadInside()
        async throws
    {
        try await inside { scene in
            // Another pad appears in its place.
            try await Scene.shell("mkdir \(scene.directory)/new && mount -t tmpfs -o mode=0755 tmpfs \(scene.directory)/new")
            let other = try await scene.controller.done("pad", "create", scene.directory + "/new", "--shared").string("padID")
            try await Scene.shell("mount --bind \(scene.directory)/new \(scene.pad)")
            try await scene.controllerSays("pad.p7s is not the one that the controller wrote; run quartermaster pad check")
            let refused = try await scene.report("second")
            #expect(refused.status == 77, "\(refused.errors)")
            #expect(
                refused.errors.contains(
                    "the pad \(scene.pad) is not believed: it is of \(other), and this host is registered on \(scene.padID)"),
                "\(refused.errors)")
            let check = try await scene.controller.command("pad", "check", scene.padID)
            #expect(check.status == 1 && check.output.contains("it is of \(other)"), "\(check.output)")

            // The provider says that this is the pad's new place: it holds nothing of it.
            _ = try await scene.controller.done("pad", "remove", other, "--yes")
            _ = try await scene.controller.done("pad", "repair", scene.padID, "--recreate")
            #expect(try await scene.report("second", "--wait").status == 0)
            #expect(try await scene.hostName() == "second")
        }
    }
}
