import AgentCore
import ArgumentParser
import Files
import ISCSI
import Initiator

/// A discovery as it was asked for, and how its result is said.
struct DiscoveryOrder {
    var places: DiscoveryPlaces
    var sysroot: String?
    var authentication = DiscoveryRequest.AuthenticationCheck.auto
    var format = OutputFormat.text
    /// This host's lists, read where they are asked, and where they lie.
    var lists: () throws(SetupError) -> DiscoveryLists = { DiscoveryLists() }
    var listDirectory = ""
    /// Of discovery sessions; asked for once it is known that something is to be done.
    var credentials: (Log) throws(AgentError) -> CHAPCredentials? = { _ in nil }
    /// What was said of times and counts.
    var adjust: (inout ScanLimits) -> Void = { _ in }

    init(places: DiscoveryPlaces) { self.places = places }

    func run() throws {
        let log = Log.standardError(level: .notice)
        let interfaces = NetworkInterface.all()
        let initiator: DiscoveryInitiator
        do throws(DiscoveryFault) {
            initiator = try DiscoveryInitiator.find(sysroot: sysroot)
        } catch {
            return try misconfigured(DiscoveryInitiator.path, error.outcome, error.description, log)
        }
        let lists: DiscoveryLists
        do throws(SetupError) {
            lists = places.listed || places.areDefaults ? try self.lists() : DiscoveryLists()
        } catch {
            return try misconfigured(listDirectory, error.outcome, error.description, log)
        }
        var request = DiscoveryRequest(initiator: initiator.identity)
        let notes = try places.fill(&request, interfaces, lists: lists)
        request.limits.adapt(to: request.ranges, among: interfaces)
        request.credentials = try credentials(log)
        request.authenticationCheck = authentication
        adjust(&request.limits)

        let known: KnownTargets
        do throws(FileError) { known = try KnownTargets.read(sysroot: sysroot) } catch { throw AgentError.file(error) }
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
        case .text: try printBytes(DiscoveryText.table(report, request))
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
