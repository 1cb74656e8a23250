import AgentCore
import ArgumentParser
import ISCSI
import Identifiers
import Initiator
import StrictJSON

/// `quartermaster-agent iscsi initiator`: who this host is to its targets, and whether its service runs.
struct InitiatorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "initiator", abstract: "Shows or sets this host's initiator name.",
        discussion: """
            EXAMPLES
              quartermaster-agent iscsi initiator show
              quartermaster-agent iscsi initiator set-name iqn.2026-11.com.example:host1
            """, subcommands: [Show.self, SetName.self])

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Shows the initiator name, and whether open-iscsi is installed, runs, and starts with the host.",
            discussion: """
                EXAMPLES
                  quartermaster-agent iscsi initiator show --format json
                """)

        @OptionGroup var common: CommonOptions

        @Option(help: "How to print it: text or json.")
        var format: OutputFormat = .text

        func run() throws {
            let tools = try InitiatorTools(common)
            let name = try endingAsDocumented(format, tools.log) { () throws(SetupError) in
                try InitiatorNameRecord(tools.tree).name()?.spelling
            }
            let state = tools.service.state()
            let atBoot = tools.service.startsAtBoot(root: tools.tree.root)
            switch format {
            case .json:
                try printDocument { writer in
                    writer.member("initiatorName", name)
                    writer.member("service", state.rawValue)
                    writer.member("startsAtBoot", atBoot)
                    writer.member("multipathd", tools.multipathRuns)
                }
            case .text:
                try printLine("name            \(name ?? "none; iscsi initiator set-name gives one")".printable)
                try printLine("service         \(state.rawValue)")
                try printLine("starts at boot  \(atBoot.map { $0 ? "yes" : "no" } ?? "not known")")
                try printLine("multipathd      \(tools.multipathRuns ? "running" : "not running")")
            }
        }
    }

    struct SetName: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set-name", abstract: "Sets the initiator name in /etc/iscsi/initiatorname.iscsi.",
            discussion: """
                Refuses while there are sessions, which keep the old name, unless --force is given. Storage systems know hosts by this name: one that \
                is changed is unknown to them. The file keeps its owner and mode; a link in its place is followed to a file that only root can change, and \
                else refused. iscsid reads the name when it starts, and is started anew where systemd runs.

                EXAMPLES
                  quartermaster-agent iscsi initiator set-name iqn.2026-11.com.example:host1
                """)

        @OptionGroup var common: CommonOptions

        @Argument(help: "The name: iqn.…, eui.… or naa.…")
        var name: ISCSIName

        @Flag(help: "Though there are sessions.")
        var force = false

        @Option(help: "How to print what was done: text or json.")
        var format: OutputFormat = .text

        func run() throws {
            let tools = try InitiatorTools(common)
            let isOutdated = try endingAsDocumented(format, tools.log) { () throws(SetupError) in
                try tools.lockedAgainstOthers { () throws(SetupError) in try setName(tools) }
            }
            let advice = "iscsid uses the old name until it is started anew (systemctl restart iscsid)"
            try printOutcome(format, ["the initiator name is \(name)"] + (isOutdated ? [advice] : [])) { writer in
                writer.member("initiatorName", name.description)
                if isOutdated { writer.member("advice", strings: [advice]) }
            }
        }

        /// Whether iscsid goes on with the old one.
        private func setName(_ tools: InitiatorTools) throws(SetupError) -> Bool {
            let sessions = try tools.state().sessions
            guard force || sessions.isEmpty else {
                throw .outcome(
                    .inUse, detail: "\(sessions.count) sessions were made under the present name; disconnect them, or give --force")
            }
            Interruption.process.hold(
                Interruption.Texts(
                    "interrupted: the name is being set; once more ends at once",
                    again: "ended at once; quartermaster-agent iscsi initiator show says which name is set"))
            try InitiatorNameRecord(tools.tree).set(name)
            return tools.tree.isLive && tools.service.state() == .running ? try !tools.service.restart() : false
        }
    }
}
