import Files
import Glibc
import ISCSI
import Identifiers
import StrictJSON

/// Why something of the initiator's set-up could not be read, written or done.
package enum SetupError: Error, Equatable, Sendable {
    case file(FileError)
    /// A record of open-iscsi's, or another of its files; `line` is 0 where it is about the whole.
    case record(path: String, line: Int, reason: String)
    /// Somebody holds open-iscsi's lock, and goes on holding it.
    case databaseLocked(path: String)
    /// The lock's directory is another user's, or everybody may write to it.
    case lockDirectoryOpen(path: String)
    /// Another run of this program is at it.
    case busy(path: String)
    case journalDamaged(path: String, reason: String)
    /// The journal's directory is another user's, or others may write to it.
    case stateOpen(path: String)
    case installation(step: String, detail: String)
    /// What this host knows of the target is not what the command needs.
    case noRecord(of: ISCSIName)
    case noSession(to: ISCSIName)
    /// One of the documented outcomes; `detail` says of what, and why.
    case outcome(ISCSIOutcome, detail: String)
    /// A signal came while something was half-done.
    case signalled(Int32)
    /// Broken off at a step on purpose, by a test.
    case interrupted(step: String)
}

extension SetupError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .file(let error): error.description
        case .record(let path, let line, let reason):
            "\(path)\(line > 0 ? ", line \(line)," : "") \(reason); open-iscsi would not read it either: correct or remove it"
        case .databaseLocked(let path):
            "open-iscsi's records are locked (\(path)) by another program; wait for it to end. Where no iscsiadm runs, remove that file"
        case .lockDirectoryOpen(let path):
            "\(path) belongs to another user, or others may write to it: whoever made it could hold up open-iscsi; remove it"
        case .busy(let path): "another iscsi command is at work (\(path) is locked); wait for its end"
        case .journalDamaged(let path, let reason):
            "\(path) is damaged: \(reason); compare open-iscsi's records and the sessions with what is wanted, then remove that file"
        case .stateOpen(let path):
            "\(path) holds secrets for a while, and belongs to another user or lets others in; give it to this user, with mode 700"
        case .installation(let step, let detail): "\(step) failed: \(detail)"
        case .noRecord(let target): "\(target) has no record on this host"
        case .noSession(let target): "there is no session to \(target)"
        case .outcome(_, let detail): detail
        case .signalled(let signal): "\(Interruption.name(signal)) came"
        case .interrupted(let step): "broken off at \(step)"
        }
    }

    /// The documented outcome that this comes to.
    package var outcome: ISCSIOutcome {
        switch self {
        case .outcome(let outcome, _): outcome
        case .databaseLocked, .busy: .timedOut
        case .file(let error) where error.errno == 13 || error.errno == 1: .noPermission
        case .installation: .serviceDown
        case .noRecord, .noSession: .targetNotFound
        case .signalled: .interrupted
        default: .initiatorMisconfigured
        }
    }

    /// What the reader can do now. A target that this host does not know is looked for here, not at its portal.
    package var nextStep: String? {
        switch self {
        case .noRecord, .noSession: "iscsi targets lists what this host has records of, iscsi sessions what it is connected to"
        case .busy, .databaseLocked: "try again when that has come to its end"
        default: outcome.nextStep
        }
    }

    /// Something stands in a record's place that no run of this program puts there.
    var isOfSomethingElse: Bool {
        switch self {
        case .file(.notRegular), .file(.tooLarge): true
        // A link on the way, another file system, a socket.
        case .file(let error): [ELOOP, EXDEV, ENXIO].contains(error.errno)
        default: false
        }
    }
}
