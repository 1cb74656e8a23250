import Foundation
import TestSupport
import Testing

@Suite struct HelpTests {
    /// Every command of this program, by noun.
    static let nouns: [String: [String]] = [
        "account": ["create", "list", "show", "close"], "contract": ["set", "show"], "domain": ["create", "list"],
        "user": ["create", "list", "disable", "enable", "unlock", "set-password"], "token": ["create", "list", "revoke"],
        "pad": ["create", "list", "show", "check", "repair", "purge", "remove"],
        "system": ["add", "list", "show", "refresh", "remove"], "volume": ["list", "show"], "port": ["list"], "masking": ["list"],
        "history": ["list"], "host": ["list", "show", "suspend", "resume", "release", "remove"], "instruction": ["send", "list", "show"],
        "initiator": ["list", "assign", "release"], "association": ["list", "show", "confirm", "reject"],
        "notification": ["list", "close"], "audit": ["list", "verify"], "key": ["show", "rotate"], "plugin": ["check"],
    ]
    static let levels: [[String]] =
        [[], ["init"], ["server"], ["backup"], ["restore"], ["login"], ["logout"]]
        + nouns.sorted { $0.key < $1.key }.flatMap { noun in [[noun.key]] + noun.value.map { [noun.key, $0] } }

    @Test func helpOnEveryLevelSaysHowAndGivesExamples() async throws {
        for level in Self.levels {
            let help = try await Command.run(arguments: level + ["--help"])
            #expect(help.status == 0, "\(level)")
            #expect(help.output.contains("USAGE: quartermaster"), "\(level)")
            #expect(help.output.contains("EXAMPLES"), "\(level)")
            #expect(help.errors.isEmpty, "\(level)")
        }
    }

    @Test func listsTakeAccountLimitAndAfter() async throws {
        for (noun, verbs) in Self.nouns where verbs.contains("list") {
            let help = try await Command.run(arguments: [noun, "list", "--help"])
            for option in ["--account", "--limit", "--after", "--format", "--socket"] {
                #expect(help.output.contains(option), "\(noun) list has no \(option)")
            }
        }
    }

    @Test func wrongUsageEndsWith64() async throws {
        for arguments in [
            ["nonsense"], ["account"], ["account", "create"], ["account", "list", "--limit", "0"], ["pad", "create", "/x"],
            ["user", "create", "--account", "a", "--domain", "d", "--name", "n", "--role", "king"], ["init"], ["host", "show"],
            ["system", "add", "--plugin", "x", "--option", "novalue"], ["initiator", "assign", "nonsense", "--account", "a"],
        ] {
            let result = try await Command.run(arguments: arguments)
            #expect(result.status == (arguments == ["account"] ? 0 : 64), "\(arguments): \(result.errors)")
        }
    }

    @Test func theVersionIsPrinted() async throws {
        let result = try await Command.run(arguments: ["--version"])
        #expect(result.status == 0 && result.output == "0.1.0\n")
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func completionsAreMade(shell: String) async throws {
        let result = try await Command.run(arguments: ["--generate-completion-script", shell])
        #expect(result.status == 0 && result.output.contains("quartermaster"))
    }

    /// The agent's manual is written by hand; no command, option or exit code of the program is missing there, and none is there that is not.
    @Test func theAgentsManualHasWhatTheProgramHas() async throws {
        let dump = try await Command.run(at: BuiltProducts.path("quartermaster-agent"), ["--experimental-dump-help"])
        #expect(dump.status == 0, "\(dump.errors)")
        let root = try JSONDecoder().decode(DumpedHelp.self, from: Data(dump.output.utf8)).command
        let commands = root.subcommands?.filter { $0.commandName != "help" } ?? []
        let options = Set(
            ([root] + commands).flatMap { $0.arguments ?? [] }.flatMap { $0.names ?? [] }.filter { $0.kind == "long" }.map(\.name))
        #expect(commands.count == 9 && options.count > 15, "\(commands.map(\.commandName)) \(options)")
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let manual = try String(contentsOf: package.appendingPathComponent("agent-packaging/quartermaster-agent.8"), encoding: .utf8)
            .replacingOccurrences(of: "\\-", with: "-").replacingOccurrences(of: "\\f", with: " ")
        let named = Set(manual.matches(of: #/--([a-z][a-z-]*)/#).map { String($0.1) })
        // Every program has these.
        let common: Set<String> = ["help", "version"]
        #expect(options.subtracting(named).subtracting(common).sorted() == [], "options that the manual does not name")
        #expect(named.subtracting(options).subtracting(common).sorted() == [], "options that the program does not have")
        for command in commands {
            #expect(manual.contains("\n.B \(command.commandName)\n") && manual.contains(".B quartermaster-agent \(command.commandName)"))
        }
        let codes = manual.matches(of: #/\n(\d+) +/#).map { String($0.1) }
        let told = (root.discussion ?? "").matches(of: #/(\d+) /#).map { String($0.1) }
        #expect(codes == told, "exit codes")
    }

    private struct DumpedHelp: Decodable {
        struct Command: Decodable {
            let commandName: String
            let discussion: String?
            let subcommands: [Command]?
            let arguments: [Argument]?
        }
        struct Argument: Decodable { let names: [Name]? }
        struct Name: Decodable {
            let kind: String
            let name: String
        }
        let command: Command
    }

    /// `controller-config/make-manual` makes it anew.
    @Test func theManualIsWhatTheProgramSaysOfItself() async throws {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let recorded = package.appendingPathComponent("controller-config/quartermaster.1")
        try await withTemporaryDirectory { directory in
            let made = try await Command.run(
                at: "/usr/bin/python3",
                [
                    package.appendingPathComponent("controller-config/make-manual").path, try BuiltProducts.path("quartermaster"),
                    directory + "/quartermaster.1",
                ])
            #expect(made.status == 0, "\(made.errors)")
            let text = try String(contentsOfFile: directory + "/quartermaster.1", encoding: .utf8)
            #expect(
                try String(contentsOf: recorded, encoding: .utf8) == text,
                "controller-config/quartermaster.1 is not what the program says: controller-config/make-manual makes it anew")
        }
    }
}
