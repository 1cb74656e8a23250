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
            A file system, swap area, logical volume or multipath map that lies on a disk of the sessions is named, and nothing is done. The records \
            stay: those with automatic start make their sessions again when the host starts, unless they are forgotten.

            EXAMPLES
              quartermaster-agent iscsi disconnect iqn.2026-11.com.example:array1 --dry-run
              quartermaster-agent iscsi disconnect iqn.2026-11.com.example:array1 --flush-multipath
            """)

    @OptionGroup var common: CommonOptions

    @Argument(help: "The target's name.")
    var target: ISCSIName

    @Option(help: ArgumentHelp("Only the sessions at this portal; may be repeated.", valueName: "host[:port]"))
    var portal: [PortalAddress] = []

    @Flag(help: "Flush multipath maps that nobody uses.")
    var flushMultipath = false

    @Flag(help: "Say what would be done; change nothing.")
    var dryRun = false

    @Option(help: "How to print what was done: text or json.")
    var format: OutputFormat = .text

    func run() throws {
        let tools = try InitiatorTools(common)
        var lines: [String] = []
        var ended: [LiveSession] = []
        try endingAsDocumented(format, tools.log) { () throws(SetupError) in
            try tools.requireRoot()
            let lock = try tools.journal.lock()
            defer { withExtendedLifetime(lock) {} }
            let iscsiadm = try tools.iscsiadm(installs: false)
            if !dryRun { try tools.recover(tools.setup(iscsiadm)) }
            let work = Disconnection(from: target, at: portal, in: try tools.state(), flushesMaps: flushMultipath)
            try work.check(target)
            (lines, ended) = (work.lines(), work.sessions)
            if !dryRun {
                try work.run(iscsiadm, multipath: ExternalProgram(named: "multipath")) { () throws(SetupError) in try tools.state() }
            }
        }
        let records = try recordsThatStart(tools)
        switch format {
        case .json:
            try printDocument { writer in
                writer.member("outcome", ISCSIOutcome.done.rawValue)
                writer.member("target", target.description)
                writer.key("sessions")
                writer.array(ended) { writer, session in writer.object { SessionText.writeSession(session, to: &$0) } }
                writer.member("dryRun", dryRun)
                writer.member("plan", strings: lines)
                writer.member("startsAgain", records > 0)
            }
        case .text:
            if dryRun { for line in lines + ["nothing was changed (--dry-run)"] { try printLine(line.printable) } }
            if !dryRun { try printLine("disconnected from \(target): \(ended.count) session\(ended.count == 1 ? "" : "s") ended") }
            if records > 0 { try printLine("its records stay, and start by themselves when this host does; iscsi forget removes them") }
        }
    }

    private func recordsThatStart(_ tools: InitiatorTools) throws -> Int {
        var count = 0
        try endingAsDocumented(format, tools.log) { () throws(SetupError) in
            count = try tools.database.entries(of: target).filter { $0.record.text("node.startup") != "manual" }.count
        }
        return count
    }
}
