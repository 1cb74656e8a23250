import AgentCore
import ArgumentParser
import Initiator

/// `quartermaster-agent iscsi discover`: targets that this host can reach.
struct DiscoverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discover", abstract: "Finds iSCSI targets: by scan, at portals, from iSNS servers.",
        discussion: """
            All sources may be given at once; the result is one list. Without any, the portals and iSNS servers of this host's lists are asked \
            (iscsi portals, iscsi isns), and the networks of its interfaces scanned; with --interface alone, the networks of those interfaces. \
            Nothing is recorded and no session is opened. To learn whether a target wants authentication, the security stage of a login is \
            opened and closed again. No root is needed but to see what is recorded and this host's initiator name; without a name a \
            temporary one is used, and said.

            In a scan, an address that refuses or is silent is no problem. Exit code 0 where everything that was named answered; else that \
            of the first problem, and what was found is printed all the same. SIGINT ends a scan, and what was found is printed.

            EXAMPLES
              quartermaster-agent iscsi discover
              quartermaster-agent iscsi discover --subnet 192.0.2.0/24 --interface eth1
              quartermaster-agent iscsi discover --listed
              quartermaster-agent iscsi discover --portal array.example --portal '[2001:db8::1]:3260' --isns 192.0.2.9
              quartermaster-agent iscsi discover --portal 192.0.2.1 --discovery-chap-user host1 --discovery-chap-secret-file /etc/quartermaster/secret \\
                --format json
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var sources: DiscoverySources
    @OptionGroup var chap: DiscoveryCHAPOptions

    @Option(
        help: ArgumentHelp(
            "Ask targets whether they want authentication: all, none, or auto for those of portals that list few.", valueName: "which"))
    var authentication: DiscoveryRequest.AuthenticationCheck = .auto

    @Option(help: ArgumentHelp("End after this time with what was found, as 30s (default: none).", valueName: "time"))
    var timeout: TimeSpan?

    @Option(help: ArgumentHelp("For an address of a scan to answer; a silent one is tried twice (default: 350ms).", valueName: "time"))
    var scanTimeout: TimeSpan?

    @Option(help: ArgumentHelp("For a portal's whole answer (default: 15s).", valueName: "time"))
    var answerTimeout: TimeSpan?

    @Option(help: ArgumentHelp("Connections at a time (default: 1024).", valueName: "count"))
    var inFlight: Int?

    @Option(
        help: ArgumentHelp(
            "Addresses that do not answer, tried in a second after the first 512 (default: 170, what this host's table of neighbours has room for; 1000 beyond a router).",
            valueName: "count"))
    var silentRate: Int?

    @Option(help: "How to print it: text or json.")
    var format: OutputFormat = .text

    func validate() throws {
        try checkNumber("--in-flight", inFlight, in: 1...4096, "1 to 4096")
        try checkNumber("--silent-rate", silentRate, in: 1...100_000, "1 to 100000")
    }

    func run() throws {
        var order = DiscoveryOrder(places: sources.places)
        order.sysroot = common.sysroot
        order.authentication = authentication
        order.format = format
        order.listDirectory = common.listDirectory
        order.lists = { [common] () throws(SetupError) in try DiscoveryLists(common) }
        order.credentials = { [chap] log throws(AgentError) in try chap.credentials(log) }
        order.adjust = { [self] limits in
            if let scanTimeout { limits.scan = scanTimeout.duration }
            if let answerTimeout { limits.conversation = answerTimeout.duration }
            if let inFlight { limits.inFlight = inFlight }
            if let silentRate {
                limits.silentPerSecond = silentRate
                limits.silent = max(limits.silent, silentRate)
            }
            limits.whole = timeout?.duration
        }
        try order.run()
    }
}

extension DiscoveryRequest.AuthenticationCheck: ExpressibleByArgument {}
