import AgentCore
import ArgumentParser
import StrictJSON

/// `quartermaster-agent status`: what is registered, with whom, since when, and what is wrong.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows what is registered, with whom, since when; last report, last answer, pending instructions, and problems.",
        discussion: """
            Reads this host's state alone; the pad is not touched.

            EXAMPLES
              quartermaster-agent status
              quartermaster-agent status --format json
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "How to print it: text or json.")
    var format: OutputFormat = .text

    func run() throws {
        let configuration = try common.configuration()
        let now = HostClock.system.now()
        var statuses: [RegistrationStatus] = []
        for directory in try common.registrations(configuration).registrations() {
            if let state = try directory.load() { statuses.append(RegistrationStatus(of: state, now: now)) }
        }
        switch format {
        case .json: try printDocument { $0.member("registrations", array: statuses) }
        case .text:
            if statuses.isEmpty { try printLine("not registered (nothing under \(configuration.stateDirectory))") }
            if !statuses.isEmpty {
                try printLine(statuses.map(StatusText.lines).map { $0.joined(separator: "\n") }.joined(separator: "\n\n"))
            }
        }
    }
}
