import AgentCore
import ArgumentParser
import Files
import Glibc
import HostFacts
import ISCSI
import Identifiers
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
              quartermaster-agent iscsi discover --portal 192.0.2.1 --discovery-chap-user host1 --discovery-chap-secret-file /root/secret \\
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
        if let inFlight, !(1...4096).contains(inFlight) { throw ValidationError("--in-flight is 1 to 4096, not \(inFlight).") }
        if let silentRate, !(1...100_000).contains(silentRate) { throw ValidationError("--silent-rate is 1 to 100000, not \(silentRate).") }
    }

    func run() throws {
        let log = Log.standardError(level: .notice)
        let interfaces = NetworkInterface.all()
        let initiator: DiscoveryInitiator
        do throws(DiscoveryFault) {
            initiator = try DiscoveryInitiator.find(sysroot: common.sysroot)
        } catch {
            return try misconfigured(DiscoveryInitiator.path, error.outcome, error.description, log)
        }
        let lists: DiscoveryLists
        do throws(SetupError) {
            lists = try sources.listed || sources.areDefaults ? DiscoveryLists(common) : DiscoveryLists()
        } catch {
            return try misconfigured(common.listDirectory, error.outcome, error.description, log)
        }
        var request = DiscoveryRequest(initiator: initiator.identity)
        let notes = try sources.fill(&request, interfaces, lists: lists)
        request.limits.adapt(to: request.ranges, among: interfaces)
        request.credentials = try chap.credentials(log)
        request.authenticationCheck = authentication
        if let scanTimeout { request.limits.scan = scanTimeout.duration }
        if let answerTimeout { request.limits.conversation = answerTimeout.duration }
        if let inFlight { request.limits.inFlight = inFlight }
        if let silentRate {
            request.limits.silentPerSecond = silentRate
            request.limits.silent = max(request.limits.silent, silentRate)
        }
        request.limits.whole = timeout?.duration

        let known: KnownTargets
        do throws(FileError) { known = try KnownTargets.read(sysroot: common.sysroot) } catch { throw AgentError.file(error) }
        var report = try search(request, interfaces, known)
        report.notes.insert(contentsOf: (initiator.note.map { [$0] } ?? []) + notes, at: 0)
        try say(report, request, log)
    }

    /// There is a name that is none: with another one, targets would see a host that they do not know. Or a list that cannot be read.
    private func misconfigured(_ path: String, _ outcome: ISCSIOutcome, _ detail: String, _ log: Log) throws {
        if format == .json {
            var report = DiscoveryReport()
            report.problems = [DiscoveryProblem(address: path, outcome: outcome, detail: detail)]
            try printBytes(report.jsonBytes + [UInt8(ascii: "\n")])
        }
        try SetupEnding(outcome, detail).throwing(log)
    }

    private func search(
        _ request: DiscoveryRequest, _ interfaces: [NetworkInterface], _ known: KnownTargets
    ) throws(AgentError) -> DiscoveryReport {
        let signals = try SignalDescriptor()
        let line = ProgressLine()
        if line.isShown, request.addressCount > 0 {
            let ranges = request.ranges.map(\.description).joined(separator: ", ")
            line.write("Scanning \(ranges) …\n")
        }
        defer { line.clear() }
        do throws(FileError) {
            return try Discovery.run(
                request, hostInterfaces: interfaces, known: known, interrupt: signals.number,
                progress: line.isShown ? { line.show($0) } : nil)
        } catch {
            throw .file(error)
        }
    }

    private func say(_ report: DiscoveryReport, _ request: DiscoveryRequest, _ log: Log) throws {
        switch format {
        case .json: try printBytes(report.jsonBytes + [UInt8(ascii: "\n")])
        case .text: try printBytes(Array(DiscoveryText.table(report, request).utf8))
        }
        for note in report.notes { log.notice(note) }
        if format == .json {
            for problem in report.problems { log.error("\(problem.address): \(problem.outcome.rawValue): \(problem.detail)") }
        }
        switch report.end {
        case .finished: break
        case .interrupted:
            log.error("interrupted: \(report.progress.tried) of \(report.progress.addresses) addresses were tried")
            throw ExitCode(ExitStatus.failed.rawValue)
        case .outOfTime:
            log.error(
                "the time that --timeout gives was over: \(report.progress.tried) of \(report.progress.addresses) addresses were tried")
            throw ExitCode(ExitStatus.noAnswer.rawValue)
        }
        if let problem = report.problems.first(where: \.isNamed) { throw ExitCode(problem.outcome.exitCode) }
    }
}

extension DiscoveryRequest.AuthenticationCheck: ExpressibleByArgument {}
