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

    /// Why it could not begin.
    enum Refusal: Error {
        /// What is wrong is at `path`.
        case outcome(path: String, ISCSIOutcome, detail: String)
        case agent(AgentError)
    }

    func run() throws {
        let log = Log.standardError(level: .notice)
        let line = ProgressLine()
        let found: (report: DiscoveryReport, request: DiscoveryRequest)
        do throws(Refusal) {
            found = try look(log) { request in
                guard line.isShown else { return nil }
                if request.addressCount > 0 {
                    line.write("Scanning \(request.ranges.map(\.description).joined(separator: ", ")) …\n")
                }
                return { line.show($0) }
            }
        } catch {
            line.clear()
            switch error {
            case .outcome(let path, let outcome, let detail): return try misconfigured(path, outcome, detail, log)
            case .agent(let fault): throw fault
            }
        }
        line.clear()
        try say(found.report, found.request, log)
    }

    /// Looks, and prints nothing: `begins` is told what is looked for, and returns who is told how far it is. A signal ends it with what was found.
    func look(
        _ log: Log, begins: (DiscoveryRequest) -> ((DiscoveryProgress) -> Void)?
    ) throws(Refusal) -> (DiscoveryReport, DiscoveryRequest) {
        let interfaces = NetworkInterface.all()
        let initiator: DiscoveryInitiator
        do throws(DiscoveryFault) {
            initiator = try DiscoveryInitiator.find(sysroot: sysroot)
        } catch {
            throw .outcome(path: DiscoveryInitiator.path, error.outcome, detail: error.description)
        }
        let lists: DiscoveryLists
        do throws(SetupError) {
            lists = places.listed || places.areDefaults ? try self.lists() : DiscoveryLists()
        } catch {
            throw .outcome(path: listDirectory, error.outcome, detail: error.description)
        }
        do throws(AgentError) {
            var request = DiscoveryRequest(initiator: initiator.identity)
            let notes = try places.fill(&request, interfaces, lists: lists)
            request.limits.adapt(to: request.ranges, among: interfaces)
            request.credentials = try credentials(log)
            request.authenticationCheck = authentication
            adjust(&request.limits)
            let signals = try SignalDescriptor()
            var report: DiscoveryReport
            do throws(FileError) {
                report = try Discovery.run(
                    request, hostInterfaces: interfaces, known: KnownTargets.read(sysroot: sysroot), interrupt: signals.number,
                    isOver: signals.release, progress: begins(request))
            } catch {
                throw AgentError.file(error)
            }
            report.notes.insert(contentsOf: (initiator.note.map { [$0] } ?? []) + notes, at: 0)
            return (report, request)
        } catch {
            throw .agent(error)
        }
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
