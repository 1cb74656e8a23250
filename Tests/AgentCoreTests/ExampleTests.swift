import ArgumentParser
import TestPrograms
import Testing

@testable import quartermaster_agent

/// The examples of the commands' help, read by the program's own parser. None is run.
@Suite struct ExampleTests {
    /// A command, and those below it.
    private func commands(_ command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
        [command] + command.configuration.subcommands.flatMap(commands)
    }

    /// The commands of EXAMPLES, each on one line; of a pipe, what stands behind it.
    private func examples(_ text: String) -> [String] {
        let text = text.replacing("\\\n", with: " ")
        let lines = text.split(separator: "\n").drop { $0 != "EXAMPLES" }.dropFirst()
        return lines.map { line in line.split(separator: "|").last.map(String.init) ?? "" }.filter { $0.contains("quartermaster-agent") }
    }

    /// As a shell takes the words apart.
    private func words(_ line: String) throws -> [String] {
        let run = try ChildProcess.run(
            "/bin/sh", ["-c", "set -- \(line.replacing("quartermaster-agent ", with: "")); printf '%s\\0' \"$@\""])
        try #require(run.status == 0)
        return run.output.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func everyExampleOfTheHelpIsUnderstood() throws {
        var count = 0
        for command in commands(ISCSICommand.self) {
            let examples = examples(command.configuration.discussion)
            #expect(!examples.isEmpty, "\(command) has no example")
            for example in examples {
                count += 1
                do {
                    let words = try words(example)
                    #expect(words.first == "iscsi", "\(example)")
                    _ = try QuartermasterAgent.parseAsRoot(words)
                } catch {
                    Issue.record("\(command): \(example): \(QuartermasterAgent.fullMessage(for: error))")
                }
            }
        }
        #expect(count > 40)
    }

    /// That the test above would see one that is wrong.
    @Test func aWrongExampleIsNotUnderstood() throws {
        #expect(throws: (any Error).self) {
            try QuartermasterAgent.parseAsRoot(["iscsi", "connect", "iqn.2026-11.com.example:a", "--portals", "x"])
        }
        #expect(throws: (any Error).self) { try QuartermasterAgent.parseAsRoot(["iscsi", "connect", "no name"]) }
    }
}
