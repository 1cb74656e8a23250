import AgentCore
import ArgumentParser
import StrictJSON

/// `quartermaster-agent report`: what changed and the free space, once.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Sends what changed and the free space, once, to each provider that this host is registered with.",
        discussion: """
            Also reads answers and instructions. With --wait it returns when everything that was sent is answered: 0, or 75 when that \
            takes longer than --timeout.

            EXAMPLES
              quartermaster-agent report
              quartermaster-agent report --wait --timeout 30s
            """)

    @OptionGroup var common: CommonOptions

    @Flag(help: "Wait until everything is answered.")
    var wait = false

    @Option(help: ArgumentHelp("How long to wait (default: 60s).", valueName: "time"))
    var timeout: TimeSpan?

    @Option(help: "How to print what was sent: text or json.")
    var format: OutputFormat = .text

    func run() throws {
        let configuration = try common.configuration()
        try common.actAsOwner(configuration)
        let patience = wait ? timeout?.duration ?? configuration.timeout : nil
        let context = common.context(configuration, timeout: patience)
        let directories = try common.registrations(configuration).registrations()
        guard !directories.isEmpty else { throw AgentError.notRegistered(stateDirectory: configuration.stateDirectory) }
        let report = SingleReport(context: context, timeout: patience)
        var results: [SingleReport.Result] = []
        for directory in directories { results.append(report.run(directory)) }
        switch format {
        case .json: try printDocument { $0.member("reports", array: results) }
        case .text: for result in results { try printLine(result.text.printable) }
        }
        let errors = results.compactMap(\.error)
        for error in errors.dropFirst() { context.log.error("\(error)") }
        if let first = errors.first { throw first }
    }
}
