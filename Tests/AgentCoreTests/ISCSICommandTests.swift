import Files
import Glibc
import Identifiers
import StrictJSON
import TestPrograms
import Testing

@testable import AgentCore

/// `quartermaster-agent iscsi` as people and other programs meet it: help, manual, completions, and the commands that need no peer.
@Suite(.serialized) struct ISCSICommandTests {
    private func with(_ body: (TestHost, Program) throws -> Void) throws {
        try TestHost.with(now: HostClock.system.now()) { host in
            try replaceFile("\(host.directory)/empty.conf", with: [])
            for directory in ["etc/iscsi/nodes", "proc", "sys"] { try makeDirectories("\(host.directory)/root/\(directory)") }
            try body(host, Program(host))
        }
    }

    private func text(_ result: Program.Result) -> String { String(decoding: result.output, as: UTF8.self) }

    /// A command of the program, as its own description of itself has it.
    private struct Level {
        var path: [String]
        var hasSubcommands: Bool
    }

    private func levels(_ json: JSONFields, below path: [String]) throws(JSONError) -> [Level] {
        let own = path + [try json.string("commandName")]
        let below = try json.objects("subcommands") { (fields) throws(JSONError) in try levels(fields, below: own) }
            .filter { $0.first?.path.last != "help" }
        return [Level(path: own, hasSubcommands: !below.isEmpty)] + below.flatMap { $0 }
    }

    private func levels(_ program: Program) throws -> [Level] {
        let dump = try ChildProcess.run(program.path, ["iscsi", "--experimental-dump-help"])
        try #require(dump.status == 0)
        return try levels(JSONFields(JSONValue.parse(dump.output)).fields("command"), below: [])
    }

    @Test func helpOnEveryLevelGivesExamples() throws {
        try with { _, program in
            let levels = try levels(program)
            #expect(levels.count >= 20)
            for level in levels {
                let help = try ChildProcess.run(program.path, level.path + ["--help"])
                let text = String(decoding: help.output, as: UTF8.self)
                #expect(help.status == 0 && text.contains("USAGE: quartermaster-agent iscsi"), "\(level.path)")
                #expect(text.contains("EXAMPLES\n  "), "\(level.path)")
                let options = level.hasSubcommands ? [] : ["--config", "--state-directory", "--sysroot", "--format"]
                for option in options { #expect(text.contains(option), "\(level.path) has no \(option)") }
                #expect(!text.contains("--chap-secret <"), "a secret as an argument of \(level.path)")
            }
        }
    }

    /// `agent-packaging/make-iscsi-manual` makes it anew.
    @Test func theManualIsWhatTheProgramSaysOfItself() throws {
        try with { host, program in
            let package = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/agent-packaging"
            let made = try ChildProcess.run(
                "/usr/bin/python3", ["\(package)/make-iscsi-manual", program.path, "\(host.directory)/manual"])
            #expect(made.status == 0, "\(String(decoding: made.output, as: UTF8.self))")
            #expect(
                try readFile("\(host.directory)/manual") == readFile("\(package)/quartermaster-agent-iscsi.8"),
                "agent-packaging/quartermaster-agent-iscsi.8 is not what the program says: agent-packaging/make-iscsi-manual makes it anew")
        }
    }

    /// Before anything is asked of anybody.
    @Test(arguments: [
        (["--expect-wwid", "garbage"], "naa. and 16 or 32 hexadecimal digits"), (["--expect-wwid", "naa.600140512345678"], "naa. and 16"),
        (["--portal", "::1:3260"], "[::1]:3260"),
        (
            ["--chap-user", "u", "--chap-secret-file", "-", "--discovery-chap-user", "d", "--discovery-chap-secret-file", "-"],
            "Only one secret can come from standard input."
        ),
    ])
    func whatCannotBeMeantIsRefused(arguments: [String], words: String) throws {
        try with { host, program in
            let connect = ["iscsi", "connect", "iqn.2026-11.lab.example:t1", "--dry-run", "--sysroot", "\(host.directory)/root"]
            let result = try ChildProcess.run(program.path, connect + arguments)
            let errors = String(decoding: result.output, as: UTF8.self)
            #expect(result.status == 64 && errors.contains(words), "\(errors)")
        }
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func completionsKnowTheCommandsAndTheirOptions(shell: String) throws {
        try with { _, program in
            let result = try ChildProcess.run(program.path, ["--generate-completion-script", shell])
            let script = String(decoding: result.output, as: UTF8.self)
            #expect(result.status == 0)
            for word in try levels(program).flatMap(\.path) + ["expect-wwid", "chap-secret-file", "listed", "refresh"] {
                #expect(script.contains(word), "\(shell): \(word)")
            }
        }
    }

    @Test(arguments: [("portals", "portals", "192.0.2.1:3260"), ("isns", "servers", "192.0.2.1:3205")])
    func listsAreKeptFromOneCommandToTheNext(noun: String, member: String, printed: String) throws {
        try with { host, program in
            #expect(text(try program.run(["iscsi", noun, "list"])).hasPrefix("no "))
            #expect(text(try program.run(["iscsi", noun, "add", "192.0.2.1"])) == "\(printed): listed\n")
            #expect(text(try program.run(["iscsi", noun, "add", "192.0.2.1"])) == "\(printed): was listed already\n")
            let list = try JSONFields(JSONValue.parse(program.run(["iscsi", noun, "list", "--format", "json"]).output))
            #expect(try list.objects(member) { (fields) throws(JSONError) in try fields.string("address") } == ["192.0.2.1"])
            let removed = try JSONFields(JSONValue.parse(program.run(["iscsi", noun, "remove", "192.0.2.1", "--format", "json"]).output))
            #expect(try removed.string("outcome") == "done" && removed.bool("changed"))
            #expect(text(try program.run(["iscsi", noun, "remove", "192.0.2.1"])) == "\(printed): was not listed\n")
            let wrong = try program.run(["iscsi", noun, "add", "192.0.2.2", "192.0.2.256"])
            #expect(wrong.status == 64 && wrong.errors.contains("\"192.0.2.256\" is not allowed"))
            #expect(text(try program.run(["iscsi", noun, "list"])).hasPrefix("no "))
            try replaceFile("\(host.directory)/iscsi-\(noun == "isns" ? "isns-servers" : "portals")", with: Array("a\n\n?\n".utf8))
            let damaged = try program.run(["iscsi", noun, "list", "--format", "json"])
            #expect(damaged.status == 78 && text(damaged).contains(#""outcome":"initiator-misconfigured""#))
            #expect(damaged.errors.contains("line 3"), "\(damaged.errors)")
        }
    }

    @Test func discoverAsksWhatIsListed() throws {
        try with { _, program in
            let nothing = try program.run(["iscsi", "discover", "--listed"])
            #expect(nothing.status == 64 && nothing.errors.contains("iscsi portals add"), "\(nothing.errors)")
            // Nobody listens at port 9 of these.
            _ = try program.run(["iscsi", "portals", "add", "127.211.7.1:9"])
            _ = try program.run(["iscsi", "isns", "add", "127.211.7.2:9"])
            let result = try program.run(["iscsi", "discover", "--listed", "--format", "json"])
            #expect(result.status == 69, "\(result.errors)")
            let report = try JSONFields(JSONValue.parse(result.output))
            let problems = try report.objects("problems") { (fields) throws(JSONError) in
                "\(try fields.string("address")) \(try fields.string("outcome"))"
            }
            #expect(problems == ["127.211.7.1:9 refused", "127.211.7.2:9 isns-server-not-found"])
            #expect(!report.has("scan"))
        }
    }

    @Test func aTargetThatThisHostDoesNotKnowIsLookedForHere() throws {
        try with { _, program in
            let result = try program.run(["iscsi", "show", "iqn.2026-11.lab.example:t9", "--format", "json"])
            let document = try JSONFields(JSONValue.parse(result.output))
            #expect(result.status == 66, "\(result.errors)")
            #expect(try document.string("outcome") == "target-not-found")
            #expect(try document.string("detail") == "iqn.2026-11.lab.example:t9 has no record on this host")
            let step = try document.string("nextStep")
            #expect(step == "iscsi targets lists what this host has records of, iscsi sessions what it is connected to")
            #expect(result.errors.contains(step))
        }
    }

    /// For who may not read them as for a damaged one: no records, and records that cannot be read, are not the same.
    @Test func recordsThatCannotBeReadAreNotSaidToBeNone() throws {
        try with { host, program in
            try makeDirectories("\(host.directory)/root/etc/iscsi/nodes/iqn.2026-11.lab.example:t9/192.0.2.1,3260,1/default")
            for command in [["targets"], ["show", "iqn.2026-11.lab.example:t9"]] {
                let result = try program.run(["iscsi"] + command + ["--format", "json"])
                let document = try JSONFields(JSONValue.parse(result.output))
                #expect(result.status == 78 && result.errors.contains("192.0.2.1,3260,1/default"), "\(result.errors)")
                #expect(try document.string("outcome") == "initiator-misconfigured")
            }
        }
    }

    @Test(.enabled(if: geteuid() == 0, "the initiator name is root's"))
    func theInitiatorNameIsNotSetWhileAnotherCommandChangesSomething() throws {
        try with { host, program in
            let folder = "\(host.stateDirectory.path)/iscsi"
            try makeDirectories(folder)
            let lock = try FileLock("\(folder)/lock")
            let busy = try program.run(["iscsi", "initiator", "set-name", "iqn.2026-11.lab.example:host2"])
            #expect(busy.status == 75 && busy.errors.contains("another iscsi command is at work"), "\(busy.errors)")
            withExtendedLifetime(lock) {}
        }
    }

    @Test func targetsRefreshAsksTheRecordsPortalsAndChangesNoRecord() throws {
        try with { host, program in
            let folder = "\(host.directory)/root/etc/iscsi/nodes/iqn.2026-11.lab.example:t1/127.211.7.3,9,1"
            try makeDirectories(folder)
            let record = Array("# BEGIN RECORD 2.1.8\nnode.name = iqn.2026-11.lab.example:t1\nnode.startup = manual\n# END RECORD\n".utf8)
            try replaceFile("\(folder)/default", with: record)
            let plain = try program.run(["iscsi", "targets"])
            #expect(plain.status == 0 && text(plain).contains("127.211.7.3:9") && !text(plain).contains("asked at"))
            let refreshed = try program.run(["iscsi", "targets", "--refresh", "--format", "json"])
            #expect(refreshed.status == 69 && refreshed.errors.contains("127.211.7.3:9: refused"), "\(refreshed.errors)")
            let document = try JSONFields(JSONValue.parse(refreshed.output))
            #expect(Timestamp(try document.string("askedAt")) != nil)
            #expect(try document.objects("problems") { (fields) throws(JSONError) in try fields.string("outcome") } == ["refused"])
            #expect(try readFile("\(folder)/default") == record)
            #expect(text(try program.run(["iscsi", "targets"])).contains("asked at"))
            let useless = try program.run(
                ["iscsi", "targets", "--discovery-chap-user", "u", "--discovery-chap-secret-file", "\(host.directory)/password"])
            #expect(useless.status == 64 && useless.errors.contains("--refresh"))
        }
    }
}
