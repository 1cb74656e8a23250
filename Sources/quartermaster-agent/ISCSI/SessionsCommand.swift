import AgentCore
import ArgumentParser
import Initiator
import Inventory
import StrictJSON

/// `quartermaster-agent iscsi sessions`: the sessions that there are, with their disks.
struct SessionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions", abstract: "Lists the sessions of this host, with the disks that came through them.",
        discussion: """
            Read from sysfs: no root is needed, and nobody is asked.

            EXAMPLES
              quartermaster-agent iscsi sessions
              quartermaster-agent iscsi sessions --format json
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "How to print them: text or json.")
    var format: OutputFormat = .text

    func run() throws {
        let tools = try InitiatorTools(common)
        try endingAsDocumented(format, tools.log) { () throws(SetupError) in
            let state = try tools.state()
            var maps: [String: Inventory.BlockDevice] = [:]
            for unit in state.sessions.flatMap(\.units) { maps[unit.name] = state.map(over: unit.name) }
            do throws(AgentError) { try show(state.sessions, maps) } catch {
                throw .outcome(.initiatorMisconfigured, detail: error.description)
            }
        }
    }

    private func show(_ sessions: [LiveSession], _ maps: [String: Inventory.BlockDevice]) throws(AgentError) {
        switch format {
        case .json:
            try printDocument { writer in
                writer.key("sessions")
                writer.array(sessions) { writer, session in
                    writer.object { writer in
                        SessionText.writeSession(session, to: &writer)
                        writer.key("devices")
                        writer.array(session.units) { writer, unit in
                            writer.object { SessionText.writeUnit(unit, map: maps[unit.name], to: &$0) }
                        }
                    }
                }
            }
        case .text:
            if sessions.isEmpty { return try printLine("no sessions") }
            for line in SessionText.table(sessions, maps: maps) { try printLine(line.printable) }
        }
    }
}
