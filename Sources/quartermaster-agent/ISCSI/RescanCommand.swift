import AgentCore
import ArgumentParser
import ISCSI
import Identifiers
import Initiator
import StrictJSON

/// `quartermaster-agent iscsi rescan`: new sizes and new logical units.
struct RescanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rescan", abstract: "Has the kernel look for new logical units and new sizes, and tells what is other than before.",
        discussion: """
            Multipath maps take the new size of their paths. A unit behind whose number another volume stands now is an error: nothing must be \
            written to it.

            EXAMPLES
              quartermaster-agent iscsi rescan
              quartermaster-agent iscsi rescan iqn.2026-11.com.example:array1 --format json
            """)

    @OptionGroup var common: CommonOptions

    @Argument(help: "Only the sessions to this target.")
    var target: ISCSIName?

    @Option(help: "How to print what was found: text or json.")
    var format: OutputFormat = .text

    func run() throws {
        let tools = try InitiatorTools(common)
        let changes = try endingAsDocumented(format, tools.log) { () throws(SetupError) in
            try tools.requireRoot()
            Interruption.allow("interrupted: the kernel goes on with what it was asked to look for; iscsi rescan tells of it")
            let sessions = try tools.state().sessions.filter { target == nil || $0.target == target }
            if let target, sessions.isEmpty { throw .noSession(to: target) }
            return try Rescan(tools.tree).run(
                Set(sessions.map(\.number)), state: { () throws(SetupError) in try tools.state() },
                multipathd: tools.multipathRuns ? ExternalProgram(named: "multipathd") : nil)
        }
        let isMixedUp = changes.contains { $0.kind == .wwid }
        let outcome = isMixedUp ? ISCSIOutcome.wwidNotAsExpected : .done
        try printOutcome(format, changes.isEmpty ? ["nothing is other than before"] : changes.map(\.line), outcome: outcome) { writer in
            writer.key("changes")
            writer.array(changes) { writer, change in writer.object { SessionText.writeChange(change, to: &$0) } }
        }
        if isMixedUp { try SetupEnding(outcome, "another volume stands behind a number that was known").throwing(tools.log) }
    }
}
