import AgentCore
import ArgumentParser
import ISCSI
import Identifiers
import Initiator
import StrictJSON

/// `quartermaster-agent iscsi connect`: a target is set up, as a transaction.
struct ConnectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect", abstract: "Connects this host to a target: plan, check, apply, verify; or all of it is taken back.",
        discussion: """
            Portals are asked and the credentials tried before anything is written. Then open-iscsi's records are written, sessions made, and it is \
            verified that they are logged in, that logical units are there, with the WWIDs that are expected, and where multipathd runs that they \
            have their map. Where anything of it fails, or Ctrl-C is pressed, records and sessions are again as they were. A command that was killed is \
            taken back by the next one. Secrets come from files, never from arguments.

            Without --portal the portals of the target's records are taken.

            EXAMPLES
              quartermaster-agent iscsi connect iqn.2026-11.com.example:array1 --portal 192.0.2.1 --dry-run
              quartermaster-agent iscsi connect iqn.2026-11.com.example:array1 --portal 192.0.2.1 --all-portals \\
                --chap-user host1 --chap-secret-file /etc/quartermaster/secret --expect-wwid naa.5001405123456789
              pass show array1 | quartermaster-agent iscsi connect iqn.2026-11.com.example:array1 --portal '[2001:db8::1]' \\
                --chap-user host1 --chap-secret-file - --interface eth1 --format json
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var chap: SessionCHAPOptions
    @OptionGroup var discovery: DiscoveryCHAPOptions

    @Argument(help: "The target's name: iqn.…, eui.… or naa.…")
    var target: ISCSIName

    @Option(
        help: ArgumentHelp("A portal of the target; may be repeated.", valueName: "host[:port]"),
        transform: { try PortalAddress(written: $0, for: "--portal") })
    var portal: [PortalAddress] = []

    @Flag(help: "Connect at every portal that the target names.")
    var allPortals = false

    @Option(
        help: ArgumentHelp("What sessions are bound to: a record of /etc/iscsi/ifaces, or a network device.", valueName: "name"))
    var interface = "default"

    @Option(
        help:
            "Whether the sessions are made again when the host starts: automatic or manual (default: as the record says; automatic for a new one)."
    )
    var startup: ConnectRequest.Startup?

    @Option(help: "Header digests: none, crc32c, or preferred (default: as iscsid.conf says).")
    var headerDigest: ConnectRequest.Digest?

    @Option(help: "Data digests: none, crc32c, or preferred (default: as iscsid.conf says).")
    var dataDigest: ConnectRequest.Digest?

    @Option(help: ArgumentHelp("Sessions to each portal (default: 1).", valueName: "count"))
    var sessions: Int?

    @Option(
        help: ArgumentHelp("A logical unit that must be there, by its WWID; may be repeated.", valueName: "wwid"),
        transform: { try WWID(written: $0, for: "--expect-wwid") })
    var expectWwid: [WWID] = []

    @Flag(help: "Do not expect a multipath map over units with several paths.")
    var noMultipath = false

    @Flag(help: "Check everything and print the plan; change nothing.")
    var dryRun = false

    @Flag(help: "Install and start open-iscsi where it is not.")
    var install = false

    @Option(help: ArgumentHelp("How long sessions and units may take to appear (default: 60s).", valueName: "time"))
    var timeout: TimeSpan?

    @Option(help: "How to print what was done: text or json.")
    var format: OutputFormat = .text

    func validate() throws {
        guard !(chap.usesStandardInput && discovery.usesStandardInput) else {
            throw ValidationError("Only one secret can come from standard input.")
        }
    }

    func run() throws {
        let tools = try InitiatorTools(common)
        let request = try request(tools.log)
        let ending: ConnectEnding
        do throws(SetupError) {
            ending = try connect(request, tools)
        } catch {
            ending = ConnectEnding(target: target, error: error)
        }
        try ending.print(format, tools)
    }

    private func request(_ log: Log) throws(AgentError) -> ConnectRequest {
        var request = ConnectRequest(target: target, portals: portal)
        request.allPortals = allPortals
        request.interface = interface
        request.credentials = try chap.credentials()
        request.discoveryCredentials = try discovery.credentials(log)
        request.startup = startup
        request.headerDigest = headerDigest
        request.dataDigest = dataDigest
        request.sessions = sessions
        request.expectedWWIDs = expectWwid
        request.expectsMultipath = !noMultipath
        if let timeout { request.deadline = timeout.duration }
        return request
    }

    private func connect(_ request: ConnectRequest, _ tools: InitiatorTools) throws(SetupError) -> ConnectEnding {
        if dryRun {
            let plan = try tools.dryRun(installs: install) { () throws(SetupError) in try self.plan(request, tools) }
            return ConnectEnding(target: target, plan: plan)
        }
        return try tools.alone(installs: install) { setup throws(SetupError) -> ConnectEnding in
            let plan = try self.plan(request, tools)
            if format == .text { for line in plan.lines(folder: tools.tree.records) { tools.log.notice(line) } }
            return ConnectEnding(target: target, plan: plan, result: try setup.run(plan))
        }
    }

    private func plan(_ request: ConnectRequest, _ tools: InitiatorTools) throws(SetupError) -> SetupPlan {
        let order = ConnectOrder(request: request, tools: tools)
        let plan = try order.plan()
        for advice in order.advice(plan) { tools.log.warning(advice) }
        return plan
    }
}

extension ConnectRequest.Startup: ExpressibleByArgument {}
extension ConnectRequest.Digest: ExpressibleByArgument {
    package init?(argument: String) {
        switch argument.lowercased() {
        case "none": self = .none
        case "crc32c": self = .crc32c
        case "preferred": self = .preferred
        default: return nil
        }
    }
    package static var allValueStrings: [String] { ["none", "crc32c", "preferred"] }
}
