import AgentCore
import ArgumentParser
import StrictJSON

/// `quartermaster-agent status`: what is registered, with whom, since when, and what is wrong.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows whether this host is in order, and what to do where it is not; what is registered, with whom, since when.",
        discussion: """
            Reads this host's state alone; the pad is not touched. The first line says whether all is in order; problems follow, each with its \
            remedy, then each registration; one that cannot be read is a problem, and hides no other. JSON has the same: state is ok, attention or not-registered.

            EXAMPLES
              quartermaster-agent status
              quartermaster-agent status --format json
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "How to print it: text or json.")
    var format: OutputFormat = .text

    func run() throws {
        let configuration = try common.usableConfiguration().configuration
        let now = HostClock.system.now()
        try common.actAsOwner(configuration)
        let directory = common.registrations(configuration)
        let survey = try StateSurvey(of: directory, now: now, reportInterval: configuration.freeSpaceInterval)
        let isRunning = try directory.isDaemonRunning()
        var daemon: DaemonReport?
        var damage: String?
        do throws(AgentError) {
            daemon = try directory.daemonReport()
        } catch {
            guard case .reportDamaged = error else { throw error }
            damage = "\(error)"
        }
        // Somebody may have done what status said.
        daemon?.leftOvers.removeAll { !$0.isThere }
        let status = HostStatus(
            survey, daemon: daemon, isRunning: isRunning, damage: damage, stateTrouble: directory.writingTrouble)
        switch format {
        case .json: try printDocument { status.writeMembers(to: &$0) }
        case .text: try printLine(StatusText.lines(status, stateDirectory: configuration.stateDirectory, now: now).joined(separator: "\n"))
        }
    }
}
