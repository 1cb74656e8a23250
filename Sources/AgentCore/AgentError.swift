import Files
import StrictJSON

/// Why a command of the agent could not do what it was asked for.
package enum AgentError: Error, Equatable, Sendable {
    case file(FileError)
    /// What was found out could not be printed.
    case output(FileError)
    case configuration([ConfigurationFault])
    /// An option is missing, and there is no terminal to ask at.
    case missing(option: String, what: String)
    /// Somebody was asked at the terminal, and entered nothing.
    case unanswered(question: String, option: String)
    case invalid(option: String, value: String, allowed: String)
    /// `inventory --explain` of what this host has not.
    case nothingNamed(String)
    /// No fingerprint of the controller was given, and trust on first use was not asked for.
    case controllerKeyRequired
    case trustOnFirstUseWithPassword
    case emptySecret(path: String)
    case notRegistered(stateDirectory: String)
    case stateDamaged(path: String, reason: String)
    /// What the daemon leaves for `status` is there, and no report.
    case reportDamaged(path: String, reason: String)
    /// What is believed only where root, or the daemon's user, alone can have made it; `reason` says what to do.
    case notTrusted(path: String, reason: String)
    /// A directory of a registration in which others may put files in place of those that are there.
    case stateReplaceable(path: String, mode: UInt32)
    /// Neither root nor the daemon's user runs this.
    case stateClosed(path: String)
    /// Another daemon works on the same state directory.
    case alreadyRunning(stateDirectory: String)
    /// Another process works on the same registration.
    case busy(path: String)
    /// The pad is not there, or cannot be used; `reason` says what to do.
    case padUnavailable(directory: String, reason: String)
    /// What the pad's header says is not believed.
    case padNotBelieved(directory: String, reason: String)
    /// `errno` where it was the kernel that refused.
    case cannotPublish(directory: String, reason: String, errno: Int32? = nil)
    /// The pad's header takes no message of that size.
    case messageTooLarge(directory: String, kind: String, bytes: Int, limit: Int)
    /// A call on the pad was given up: the file system under it hangs.
    case padSilent(directory: String)
    case cryptography(operation: String, reason: String)
    case facts(reason: String)
    /// The daemon has more in memory than it may have.
    case memory(bytes: Int, limit: Int)
    /// The root helper is not there, or did not answer.
    case helper(reason: String)
    /// The root helper answered, and did not do it.
    case helperRefused(reason: String)
    case refused(reason: String, text: String)
    case noAnswer(directory: String, after: String)
    /// The steps of a message were broken off on purpose, by a test.
    case interrupted(step: String)
}

extension AgentError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .file(let error), .output(let error): error.description
        case .configuration(let faults):
            Self.lines(faults).joined(separator: "\n")
        case .missing(let option, let what): "\(option) is missing: \(what)"
        case .unanswered(let question, let option): "nothing was entered for \"\(question)\": run the command again, or give \(option)"
        case .nothingNamed(let name):
            """
            this host has no device, port or mount point named \(name), and no value of a field of that name; inventory without --explain shows what \
            it has, docs/host-facts.md where each field is read
            """
        case .invalid(let option, let value, let allowed): "\(option) \"\(value)\" is not allowed; allowed: \(allowed)"
        case .controllerKeyRequired:
            """
            --controller-key is missing: without the controller's fingerprint anybody who can write to the pad could pose as the \
            controller. Ask the provider for it (SHA256:…), or use --trust-on-first-use together with --token-file
            """
        case .trustOnFirstUseWithPassword:
            """
            --trust-on-first-use works with an enrolment token only: a password sealed to a controller that nobody vouched for \
            could be read by whoever made the pad. Give --controller-key, or register with --token-file
            """
        case .emptySecret(let path): "\(path) holds no secret: it is empty"
        case .notRegistered(let stateDirectory):
            "this host is not registered (nothing under \(stateDirectory)); run quartermaster-agent register"
        case .stateDamaged(let path, let reason):
            """
            \(path) is damaged: \(reason). Restore it; or give this registration up with \
            quartermaster-agent unregister --force --registration NAME, NAME being its directory's, and register again
            """
        case .reportDamaged(let path, let reason):
            "\(path) is damaged: \(reason); restart quartermaster-agent.service, which writes it anew"
        case .notTrusted(let path, let reason): "\(path) is not believed: \(reason)"
        case .stateReplaceable(let path, let mode):
            "\(path) holds secrets, and its mode \(String(mode & 0o7777, radix: 8)) lets others replace them; run chmod 700 \(path)"
        case .stateClosed(let path): "\(path) may be looked into by root and by the daemon's user alone; run the same command with sudo"
        case .alreadyRunning(let stateDirectory):
            "another quartermaster-agent run works on \(stateDirectory); stop it first, or give this one a --state-directory of its own"
        case .busy(let path): "\(path) is in use by another process of the agent; try again"
        case .padUnavailable(let directory, let reason): "the pad \(directory) cannot be used: \(reason)"
        case .padNotBelieved(let directory, let reason): "the pad \(directory) is not believed: \(reason)"
        case .cannotPublish(let directory, let reason, _): "cannot publish on the pad \(directory): \(reason)"
        case .messageTooLarge(let directory, let kind, let bytes, let limit):
            "cannot publish on the pad \(directory): the \(kind) has \(bytes) bytes, and the pad takes \(limit) at most; ask the provider to raise it"
        case .padSilent(let directory): "the pad \(directory) does not answer: the file system under it hangs"
        case .cryptography(let operation, let reason): "cannot \(operation): \(reason)"
        case .memory(let bytes, let limit):
            """
            the daemon has \(bytes >> 20) MiB in memory, and may have \(limit >> 20) ([limits] memory in agent.conf): it ends, to be started anew; \
            nothing is lost
            """
        case .helper(let reason):
            """
            the root helper does not answer: \(reason); run systemctl enable --now quartermaster-agent-helper.socket, or see why it ends with \
            journalctl -t quartermaster-agent-helper
            """
        case .helperRefused(let reason): "the root helper \(reason)"
        case .facts(let reason): "cannot read this host's facts: \(reason)"
        case .refused(let reason, let text): text.isEmpty ? "refused: \(reason)" : "refused (\(reason)): \(text)"
        case .noAnswer(let directory, let after):
            "no answer on the pad \(directory) within \(after); the request stays there, run the command again to go on waiting"
        case .interrupted(let step): "broken off at \(step)"
        }
    }
}

extension AgentError {
    /// As many faults of a configuration are told one by one.
    private static let toldFaults = 20

    private static func lines(_ faults: [ConfigurationFault]) -> [String] {
        let lines = faults.prefix(toldFaults).map(\.description)
        return faults.count > lines.count
            ? lines + ["and \(faults.count - lines.count) more faults, all of which quartermaster-agent check-config lists"] : lines
    }

    /// One line, where `description` has several.
    var firstLine: String {
        guard case .configuration(let faults) = self, let first = faults.first else {
            return String(description.prefix { !$0.isNewline })
        }
        guard faults.count > 1 else { return first.description }
        return "\(first) (and \(faults.count - 1) more: quartermaster-agent check-config lists all)"
    }
}
