import AgentCore
import ArgumentParser
import Identifiers
import Initiator
import StrictJSON

/// `quartermaster-agent iscsi targets`: what open-iscsi's records know.
struct TargetsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "targets", abstract: "Lists the targets that this host has records of: portals, groups, how they were found, start.",
        discussion: """
            Reads open-iscsi's records, which root alone can, and the kernel's sessions. Nobody is asked over the network unless --refresh is given: \
            then the records' portals and those of this host's lists are asked for their targets, and what they say is kept for the next time: \
            aliases (SEEN AS), and whether a portal still names the target (OFFERED). Records stay as they are. Exit code of --refresh: 0 where \
            everything answered, else that of the first problem.

            EXAMPLES
              quartermaster-agent iscsi targets
              quartermaster-agent iscsi targets --refresh --format json
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var chap: DiscoveryCHAPOptions

    @Flag(help: "Ask the portals first what they have.")
    var refresh = false

    @Option(help: "How to print them: text or json.")
    var format: OutputFormat = .text

    func validate() throws {
        if chap.discoveryChapUser != nil, !refresh { throw ValidationError("Discovery's credentials are of no use without --refresh.") }
    }

    func run() throws {
        let tools = try InitiatorTools(common)
        guard refresh else { return try Self.run(tools, target: nil, format: format) }
        let credentials = try chap.credentials(tools.log)
        let problems = try endingAsDocumented(format, tools.log) { () throws(SetupError) in
            try TargetsRefresh(tools: tools, lists: DiscoveryLists(common), credentials: credentials).run()
        }
        try Self.run(tools, target: nil, format: format, problems: problems)
        for problem in problems { tools.log.error("\(problem.address): \(problem.outcome.rawValue): \(problem.detail)".printable) }
        if let problem = problems.first(where: \.isNamed) { throw ExitCode(problem.outcome.exitCode) }
    }

    /// All targets, or one with the settings of its records but secrets. `problems` are those of a refresh, nil where none was asked for.
    static func run(
        _ tools: InitiatorTools, target: ISCSIName?, format: OutputFormat, problems: [DiscoveryProblem]? = nil
    ) throws {
        var entries: [RecordDatabase.Entry] = []
        var sessions: [LiveSession] = []
        var seen: SeenTargets?
        try endingAsDocumented(format, tools.log) { () throws(SetupError) in
            let found = try tools.database.all()
            for fault in found.faults { tools.log.warning("\(fault)") }
            entries = found.entries.filter { target == nil || $0.name.target == target }
            // What could not be read may be all that there is.
            if entries.isEmpty, let fault = found.faults.first { throw fault }
            sessions = try tools.state().sessions
            if let target, entries.isEmpty { throw .noRecord(of: target) }
            do throws(SetupError) { seen = try SeenTargets.load(tools.journal.directory) } catch { tools.log.warning("\(error)") }
        }
        let list = RecordedTargets(entries: entries, sessions: sessions, seen: seen, isWhole: target != nil)
        switch format {
        case .json: try printDocument { list.write(to: &$0, problems: problems) }
        case .text:
            for line in list.lines { try printLine(line.printable) }
            guard target != nil else { return }
            for entry in entries {
                try printLine("")
                try printLine(tools.database.path(entry.name).printable)
                for (key, value) in RecordedTargets.settings(entry.record) { try printLine("    \(key) = \(value)".printable) }
            }
        }
    }
}
