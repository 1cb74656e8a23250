import AgentCore
import ArgumentParser
import ISCSI
import Identifiers
import Initiator
import StrictJSON

/// `quartermaster-agent iscsi repair`: stuck sessions work again, or it is said why not.
struct RepairCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair", abstract: "Finds sessions that are stuck and disks that were given up, and makes them work.",
        discussion: """
            A session is left to iscsid, which brings it back, where its portal does not answer or does not let anybody log in to the target. One that does \
            not come back though a login is possible is ended and made anew, unless something uses its disks. Records that start by themselves \
            and have no session are logged in. Exit code 0 where all works in the end, else that of the first thing that does not.

            EXAMPLES
              quartermaster-agent iscsi repair
            """)

    @OptionGroup var common: CommonOptions

    @Argument(help: "Only this target.")
    var target: ISCSIName?

    @Flag(help: "Install and start open-iscsi where it is not.")
    var install = false

    @Option(help: "How to print what was found: text or json.")
    var format: OutputFormat = .text

    func run() throws {
        let tools = try InitiatorTools(common)
        let findings = try endingAsDocumented(format, tools.log) { () throws(SetupError) in
            try tools.alone(installs: install) { setup throws(SetupError) in try repair(setup, tools) }
        }
        let left = findings.first { $0.outcome != .done }
        let lines = findings.map { "\($0.subject): \($0.problem): \($0.outcome.rawValue): \($0.detail)" }
        try printOutcome(format, lines.isEmpty ? ["nothing is to be repaired"] : lines, outcome: left?.outcome ?? .done) { writer in
            writer.key("findings")
            writer.array(findings) { writer, finding in
                writer.object { writer in
                    writer.member("subject", finding.subject)
                    writer.member("problem", finding.problem)
                    writer.member("outcome", finding.outcome.rawValue)
                    writer.member("detail", finding.detail)
                }
            }
        }
        if let left { try SetupEnding(left.outcome, "\(left.subject): \(left.detail)").throwing(tools.log) }
    }

    private func repair(_ setup: Setup, _ tools: InitiatorTools) throws(SetupError) -> [Repair.Finding] {
        let probe = try tools.probe()
        let repair = Repair(
            database: tools.database, iscsiadm: setup.iscsiadm, interruption: setup.interruption,
            obstacle: { portal, target in
                do throws(PortalProbe.Failure) {
                    _ = try probe.check(portal, target, nil, CHAPAlgorithm.available)
                    return nil
                } catch {
                    // It would go on with a secret, which the record has.
                    return [.authenticationWanted, .noCommonAlgorithm].contains(error.outcome) ? nil : error
                }
            }, state: { () throws(SetupError) in try tools.state() })
        return try repair.run(of: target)
    }
}
