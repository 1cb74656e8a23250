import AgentCore
import ArgumentParser
import ISCSI
import Identifiers
import Initiator
import StrictJSON

/// `quartermaster-agent iscsi forget`: the records of a target go.
struct ForgetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget", abstract: "Removes the records of a target; refuses while it is connected.",
        discussion: """
            All of them go, or none. What open-iscsi recorded of a discovery stays.

            EXAMPLES
              quartermaster-agent iscsi forget iqn.2026-11.com.example:array1
            """)

    @OptionGroup var common: CommonOptions

    @Argument(help: "The target's name.")
    var target: ISCSIName

    @Flag(help: "Say what would be removed; change nothing.")
    var dryRun = false

    @Option(help: "How to print what was done: text or json.")
    var format: OutputFormat = .text

    func run() throws {
        let tools = try InitiatorTools(common)
        let plan = try endingAsDocumented(format, tools.log) { () throws(SetupError) in
            if dryRun { return try tools.dryRun { () throws(SetupError) in try Self.plan(target, tools) } }
            return try tools.alone { setup throws(SetupError) -> SetupPlan in
                let plan = try Self.plan(target, tools)
                try setup.carryOut(plan)
                return plan
            }
        }
        let lines = dryRun ? plan.lines(folder: tools.tree.records) + [unchanged] : ["forgotten: \(target)"]
        try printOutcome(format, lines) { writer in
            writer.member("target", target.description)
            writer.member("dryRun", dryRun)
            writer.member("plan", plan)
        }
    }

    private static func plan(_ target: ISCSIName, _ tools: InitiatorTools) throws(SetupError) -> SetupPlan {
        let sessions = try tools.state().sessions.filter { $0.target == target }
        guard sessions.isEmpty else {
            throw .outcome(
                .inUse,
                detail: "\(target) is connected (session \(sessions.map { "\($0.number)" }.joined(separator: ", "))); disconnect it first")
        }
        let entries = try tools.database.entries(of: target)
        guard !entries.isEmpty else { throw .noRecord(of: target) }
        var changes: [SetupPlan.Change] = []
        for entry in entries {
            var paths = ["nodes/" + entry.name.components.joined(separator: "/")]
            if let link = entry.name.linkName { paths.append("static/\(link)") }
            for path in paths {
                let before = try tools.database.image(path)
                guard before.content != .absent else { continue }
                changes.append(SetupPlan.Change(before: before, after: FileImage(path: path, content: .absent), settings: []))
            }
        }
        return SetupPlan(operation: .forget, target: target, folder: tools.tree.recordsOnHost, changes: changes)
    }
}
