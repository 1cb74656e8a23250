import AgentCore
import ArgumentParser
import Glibc
import ISCSI
import Identifiers
import Initiator
import StrictJSON

/// What the commands that set the initiator up work with: this machine, or the root that `--sysroot` names.
struct InitiatorTools {
    let tree: OpenISCSITree
    let database: RecordDatabase
    let journal: SetupJournal
    let service: InitiatorService
    let log: Log

    init(_ common: CommonOptions) throws(AgentError) {
        tree = OpenISCSITree(root: common.sysroot ?? "")
        database = RecordDatabase(tree)
        let configuration = try common.configuration()
        // Root's own directory: what is written back from there must be nobody else's.
        let directory = common.stateDirectory ?? configuration.helperDirectory
        journal = SetupJournal("\(directory)/iscsi")
        service = InitiatorService()
        log = .standardError(level: .notice)
    }

    func state() throws(SetupError) -> HostState { try HostState.read(tree) }

    /// Throws `.noPermission`: records and sessions are root's.
    func requireRoot() throws(SetupError) {
        guard geteuid() == 0 else { throw .outcome(.noPermission, detail: "open-iscsi's records and sessions are root's") }
    }

    /// The service, installed and started first where that is asked for.
    func iscsiadm(installs: Bool) throws(SetupError) -> Iscsiadm {
        if installs, service.state() != .running {
            let log = log
            try service.install { log.notice("running \($0)") }
        }
        switch service.state() {
        case .notInstalled: throw .outcome(.serviceDown, detail: "open-iscsi is not installed on this host")
        case .notRunning: throw .outcome(.serviceDown, detail: "iscsid does not run (systemctl enable --now iscsid.socket starts it)")
        case .running: break
        }
        guard let program = service.iscsiadm else { throw .outcome(.serviceDown, detail: "there is no iscsiadm") }
        return Iscsiadm(program: program)
    }

    /// Changes records or sessions: as root, one command at a time. What an interrupted command had begun is taken back first, and that is said; a dry
    /// run leaves it.
    func alone<Result>(
        installs: Bool = false, dryRun: Bool = false, _ body: (Setup) throws(SetupError) -> Result
    ) throws(SetupError) -> Result {
        try requireRoot()
        let lock = try journal.lock()
        defer { withExtendedLifetime(lock) {} }
        let setup = Setup(database: database, journal: journal, iscsiadm: try iscsiadm(installs: installs))
        if !dryRun, let entry = try setup.recover() {
            log.notice("an interrupted \(entry.operation.rawValue) of \(entry.target) was taken back")
        }
        return try body(setup)
    }

    func identity() throws(SetupError) -> InitiatorIdentity {
        guard let found = try InitiatorNameRecord(tree).name() else {
            throw .outcome(.initiatorMisconfigured, detail: "this host has no initiator name (\(tree.initiatorName))")
        }
        return InitiatorIdentity(name: found.name, spelling: found.spelling)
    }

    var multipathRuns: Bool { MultipathDaemon(root: tree.root).runs }
}

/// The last line of a dry run.
let unchanged = "nothing was changed (--dry-run)"

/// How a command of the set-up ends where it was not done: a line on standard error, the outcome in JSON, its exit code.
struct SetupEnding {
    let outcome: ISCSIOutcome
    let detail: String
    let nextStep: String?

    init(_ error: SetupError) { (outcome, detail, nextStep) = (error.outcome, error.description, error.nextStep) }

    init(_ outcome: ISCSIOutcome, _ detail: String) { (self.outcome, self.detail, nextStep) = (outcome, detail, outcome.nextStep) }

    func throwing(_ log: Log) throws -> Never {
        log.error("\(outcome.rawValue): \(detail.printable)\(nextStep.map { "; \($0)" } ?? "")")
        throw ExitCode(outcome.exitCode)
    }

    func writeMembers(to writer: inout JSONWriter) {
        writer.member("outcome", outcome.rawValue)
        writer.member("detail", detail)
        writer.member("nextStep", nextStep)
    }
}

/// A body of a set-up command: its errors end the program as documented, in JSON too.
func endingAsDocumented<Result>(_ format: OutputFormat, _ log: Log, _ body: () throws(SetupError) -> Result) throws -> Result {
    do throws(SetupError) {
        return try body()
    } catch {
        let ending = SetupEnding(error)
        if format == .json { try printDocument { ending.writeMembers(to: &$0) } }
        try ending.throwing(log)
    }
}

/// What a set-up command did: a document with the outcome before its other members, or lines.
func printOutcome(
    _ format: OutputFormat, _ lines: [String], outcome: ISCSIOutcome = .done, _ members: (inout JSONWriter) -> Void
) throws {
    switch format {
    case .json:
        try printDocument { writer in
            writer.member("outcome", outcome.rawValue)
            members(&writer)
        }
    case .text: for line in lines { try printLine(line.printable) }
    }
}

extension ISCSIName: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}
extension PortalAddress: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}
extension WWID: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}
