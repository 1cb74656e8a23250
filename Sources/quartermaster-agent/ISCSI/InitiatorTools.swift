import AgentCore
import ArgumentParser
import Files
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
    var log: Log

    /// Records hold secrets, and so does a journal.
    init(_ common: CommonOptions) throws(AgentError) {
        Secret.leaveNoCore()
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
            Interruption.process.hold(
                Interruption.Texts(
                    "interrupted: ending when the step of the installation is over; once more ends at once",
                    again: "ended at once, in the midst of an installation: look at it with the package manager"))
            try service.install(interruption: .process) { log.notice("running \($0)") }
            Interruption.allow(Self.nothingMore)
        }
        switch service.state() {
        case .notInstalled: throw .outcome(.serviceDown, detail: "open-iscsi is not installed on this host")
        case .notRunning: throw .outcome(.serviceDown, detail: "iscsid does not run (systemctl enable --now iscsid.socket starts it)")
        case .running: break
        }
        guard let program = service.iscsiadm else { throw .outcome(.serviceDown, detail: "there is no iscsiadm") }
        return Iscsiadm(program: program)
    }

    /// What a signal says while nothing is half-done.
    static let nothingChanged = "interrupted: nothing was changed"
    private static let nothingMore = "interrupted: nothing else was changed"

    /// Changes records or sessions: as root, one command at a time. What an interrupted command had begun is taken back first, or left where it is of use
    /// by now, and that is said.
    /// `reached` is told of each durable step.
    func alone<Result>(
        installs: Bool = false, reached: @escaping @Sendable (SetupStep) throws(SetupError) -> Void = { _ throws(SetupError) in },
        _ body: (Setup) throws(SetupError) -> Result
    ) throws(SetupError) -> Result {
        try requireRoot()
        Interruption.allow(Self.nothingChanged)
        defer { Interruption.allow(Self.nothingMore) }
        let lock = try journal.lock()
        defer { withExtendedLifetime(lock) {} }
        let setup = Setup(
            database: database, journal: journal, iscsiadm: try iscsiadm(installs: installs), boot: try bootID(), interruption: .process,
            reached: reached)
        switch try recovered(setup) {
        case .takenBack(let entry, let kept)?:
            log.notice("an interrupted \(entry.operation.rawValue) of \(entry.target) was taken back")
            for path in kept { log.warning("\(path) was changed by somebody else since, and is left as it is") }
        case .left(let entry, let reason)?:
            log.warning(
                "an interrupted \(entry.operation.rawValue) of \(entry.target) stays as it is: \(reason); see iscsi show \(entry.target), and iscsi disconnect"
            )
        case nil: break
        }
        return try body(setup)
    }

    /// Changes something that is no record and no session, while no other command changes anything. Needs no iscsid, and takes nothing back.
    func lockedAgainstOthers<Result>(_ body: () throws(SetupError) -> Result) throws(SetupError) -> Result {
        try requireRoot()
        Interruption.allow(Self.nothingChanged)
        let lock = try journal.lock()
        defer { withExtendedLifetime(lock) {} }
        return try body()
    }

    private func recovered(_ setup: Setup) throws(SetupError) -> Setup.Recovery? {
        guard let entry = try journal.pending() else { return try setup.recover() }
        Interruption.process.hold(
            Interruption.Texts(
                "interrupted: ending when an earlier \(entry.operation.rawValue) of \(entry.target) is taken back; once more ends at once",
                again: "ended at once: the next iscsi command that changes something goes on with taking it back"))
        let recovery = try setup.recover()
        do throws(SetupError) { try Interruption.process.check() } catch {
            throw .outcome(
                .interrupted,
                detail: """
                    \(error): what an interrupted \(entry.operation.rawValue) of \(entry.target) had left was taken back, or left where it is in use; \
                    nothing else was changed
                    """)
        }
        Interruption.allow(Self.nothingMore)
        return recovery
    }

    /// Says what would be done, and changes nothing: neither what an interrupted command has left nor a lock file.
    func dryRun<Result>(installs: Bool = false, _ body: () throws(SetupError) -> Result) throws(SetupError) -> Result {
        try requireRoot()
        Interruption.allow(Self.nothingChanged)
        let lock = try journal.lockIfThere()
        defer { withExtendedLifetime(lock) {} }
        if installs, service.state() != .running {
            for step in service.installation() { log.notice("would run \(step.joined(separator: " "))") }
        } else {
            _ = try iscsiadm(installs: false)
        }
        if let entry = try journal.pending() {
            log.warning(
                "an interrupted \(entry.operation.rawValue) of \(entry.target) would be taken back first, or left where it is in use: what follows is of the host as it is now"
            )
        }
        return try body()
    }

    /// Changes with each start of the host.
    private func bootID() throws(SetupError) -> String {
        do throws(FileError) {
            return String(decoding: try readFile("/proc/sys/kernel/random/boot_id").prefix { $0 > 0x20 }, as: UTF8.self)
        } catch {
            throw .file(error)
        }
    }

    func identity() throws(SetupError) -> InitiatorIdentity {
        guard let found = try InitiatorNameRecord(tree).name() else {
            throw .outcome(.initiatorMisconfigured, detail: "this host has no initiator name (\(tree.initiatorName))")
        }
        return InitiatorIdentity(name: found.name, spelling: found.spelling)
    }

    /// Asks portals as this host. Where one sends it on, that is said before anything else is: credentials go to nobody who was not named.
    func probe(by interface: NetworkInterface? = nil) throws(SetupError) -> PortalProbe {
        let log = log
        return .network(try identity(), interface: interface) { log.warning("\($0): sent on to \($1)") }
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
        if outcome == .interrupted { Interruption.endProcess() }
        throw ExitCode(outcome.exitCode)
    }

    /// In JSON too.
    func throwing(_ format: OutputFormat, _ log: Log) throws -> Never {
        if format == .json { try printDocument(writeMembers) }
        try throwing(log)
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
        try SetupEnding(error).throwing(format, log)
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
