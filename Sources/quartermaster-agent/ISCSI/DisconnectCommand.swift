import AgentCore
import ArgumentParser
import ISCSI
import Identifiers
import Initiator
import StrictJSON

/// `quartermaster-agent iscsi disconnect`: the sessions to a target end, where nobody uses them.
struct DisconnectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disconnect", abstract: "Ends the sessions to a target; refuses while anybody uses what came through them.",
        discussion: """
            A file system, swap area, logical volume or multipath map that lies on a disk of the sessions is named, and so is a process that has the disk \
            or what lies on it open, also without a file system, and nothing is done. The records \
            stay: those with automatic start make their sessions again when the host starts, unless they are forgotten.

            EXAMPLES
              quartermaster-agent iscsi disconnect iqn.2026-11.com.example:array1 --dry-run
              quartermaster-agent iscsi disconnect iqn.2026-11.com.example:array1 --flush-multipath
            """)

    @OptionGroup var common: CommonOptions

    @Argument(help: "The target's name.")
    var target: ISCSIName

    @Option(
        help: ArgumentHelp("Only the sessions at this portal; may be repeated.", valueName: "host[:port]"),
        transform: { try PortalAddress(written: $0, for: "--portal") })
    var portal: [PortalAddress] = []

    @Flag(help: "Flush multipath maps that nobody uses.")
    var flushMultipath = false

    @Flag(help: "Say what would be done; change nothing.")
    var dryRun = false

    @Option(help: "How to print what was done: text or json.")
    var format: OutputFormat = .text

    func run() throws {
        let tools = try InitiatorTools(common)
        let (work, startsAgain) = try endingAsDocumented(format, tools.log) { () throws(SetupError) in
            let work = try disconnect(tools)
            let records = try tools.database.all().entries.filter { $0.name.target == target }
            return (work, records.contains { $0.record.text("node.startup") != "manual" })
        }
        let ended = work.sessions
        var lines = dryRun ? work.lines() + [unchanged] : []
        if !dryRun { lines.append("disconnected from \(target): \(ended.count) session\(ended.count == 1 ? "" : "s") ended") }
        if startsAgain { lines.append("its records stay, and start by themselves when this host does; iscsi forget removes them") }
        try printOutcome(format, lines) { writer in
            writer.member("target", target.description)
            writer.key("sessions")
            writer.array(ended) { writer, session in writer.object { SessionText.writeSession(session, to: &$0) } }
            writer.member("dryRun", dryRun)
            writer.member("plan", strings: work.lines())
            writer.member("startsAgain", startsAgain)
        }
    }

    private func disconnect(_ tools: InitiatorTools) throws(SetupError) -> Disconnection {
        if dryRun { return try tools.dryRun { () throws(SetupError) in try disconnection(tools) } }
        return try tools.alone { setup throws(SetupError) -> Disconnection in
            let work = try disconnection(tools)
            try work.run(setup.iscsiadm, multipath: ExternalProgram(named: "multipath"), interruption: setup.interruption) {
                () throws(SetupError) in try tools.state()
            }
            return work
        }
    }

    private func disconnection(_ tools: InitiatorTools) throws(SetupError) -> Disconnection {
        let work = Disconnection(from: target, at: portal, in: try tools.state(), flushesMaps: flushMultipath)
        try work.check(target)
        return work
    }
}
