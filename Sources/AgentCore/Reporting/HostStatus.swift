import Identifiers
import StrictJSON

/// What `status` says of this host as a whole: in order or not, and what to do.
package struct HostStatus: Equatable, Sendable {
    package typealias Problem = RegistrationStatus.Problem

    package let registrations: [RegistrationStatus]
    /// What stands among the registrations and cannot be used, and what a crash left there and cannot be removed.
    package let unusable: [UnusableRegistration]
    /// Of the daemon that ran last; nil where none ever did, or what it left cannot be read.
    package let daemon: DaemonReport?
    package let isRunning: Bool
    /// Of the host; those of the registrations are theirs.
    package let problems: [Problem]

    /// - Parameters:
    ///   - damage: Why the report of the daemon cannot be read, in words; nil where it can, or there is none.
    ///   - stateTrouble: Why nothing can be written to the state directory, with its path: then what the daemon left there last may be old.
    package init(
        _ survey: StateSurvey, daemon: DaemonReport?, isRunning: Bool, damage: String? = nil, stateTrouble: String? = nil
    ) {
        registrations = survey.registrations
        unusable = survey.unusable + (daemon?.leftOvers ?? [])
        self.daemon = daemon
        self.isRunning = isRunning
        var problems: [Problem] = []
        if let stateTrouble {
            problems.append(
                Problem(
                    text: "nothing can be written to \(stateTrouble), so that nothing is reported",
                    remedy: "make it writable, with room; the daemon goes on by itself"))
        }
        if case .stateReplaceable(let path, _)? = survey.openness, let openness = survey.openness {
            problems.append(Problem(text: "\(openness)", remedy: "chmod 700 \(path), and see that the registrations are this host's own"))
        }
        problems += unusable.map { Problem(text: $0.text, remedy: $0.remedy) }
        if !isRunning, !survey.registrations.isEmpty || !survey.unusable.isEmpty {
            problems.append(
                Problem(text: "the daemon does not run: nothing is reported", remedy: "systemctl enable --now quartermaster-agent"))
        }
        if isRunning, let damage {
            problems.append(
                Problem(
                    text: "what the daemon says of itself cannot be read: \(damage)",
                    remedy: "systemctl restart quartermaster-agent, which writes it anew; journalctl -u quartermaster-agent has the rest"))
        }
        if isRunning, let daemon { problems += Self.problems(daemon) }
        self.problems = problems
    }

    /// `ok`, `attention` (something is to be done), or `not-registered`.
    package var word: String {
        if registrations.isEmpty { return problems.isEmpty ? "not-registered" : "attention" }
        return problemCount == 0 ? "ok" : "attention"
    }

    package var problemCount: Int { registrations.reduce(problems.count) { $0 + $1.problems.count } }

    private static func problems(_ daemon: DaemonReport) -> [Problem] {
        var problems: [Problem] = []
        if let fault = daemon.configurationFaults.first {
            let rest = daemon.configurationFaults.count > 1 ? " (and more, which quartermaster-agent check-config lists)" : ""
            problems.append(
                Problem(
                    text: "the configuration is not in force as it stands: \(fault)\(rest)",
                    remedy: "mend it, see what quartermaster-agent check-config says, and run systemctl reload quartermaster-agent"))
        }
        if let trouble = daemon.registrationTrouble {
            problems.append(
                Problem(
                    text: "this host does not get registered: \(trouble)",
                    remedy: "mount the pad, or mend register.conf or its secret; it is tried again by itself, within ten minutes"))
        }
        if let trouble = daemon.secretTrouble {
            problems.append(
                Problem(
                    text: "this host is registered, and the secret that it registered with is still there: \(trouble)",
                    remedy: "remove that file; it is tried again by itself"))
        }
        if case .missing(let reason) = daemon.helper {
            problems.append(
                Problem(
                    text: "the root helper is missing, so that some facts are not told and the provider's scans are refused: \(reason)",
                    remedy: "systemctl enable --now quartermaster-agent-helper.socket"))
        }
        if let first = daemon.problems.first {
            let rest = daemon.problemCount > 1 ? ", and \(daemon.problemCount - 1) more" : ""
            problems.append(
                Problem(
                    text: "of this host could not be read: \(first.field) in \(first.path) (\(first.reason))\(rest)",
                    remedy: "quartermaster-agent inventory lists them; nothing, if the hardware is gone or broken"))
        }
        if !daemon.refusedLimits.isEmpty {
            problems.append(
                Problem(
                    text: "limits that could not be set: \(daemon.refusedLimits.joined(separator: "; "))",
                    remedy: "set them in the unit, or give [limits] in agent.conf values that the system allows"))
        }
        if let trouble = daemon.metricsTrouble {
            problems.append(
                Problem(
                    text: "no metrics are written: \(trouble)",
                    remedy: "give textfile under [metrics] in agent.conf a path in a directory that the agent's user can write to"))
        }
        return problems
    }
}

extension HostStatus: JSONWritable {
    package func write(to writer: inout JSONWriter) { writer.object { writeMembers(to: &$0) } }

    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("state", word)
        writer.member(
            "daemon",
            object: {
                $0.member("running", isRunning)
                if isRunning { daemon?.writeMembers(to: &$0) }
            })
        writer.member("registrations", array: registrations)
        writer.key("unusable")
        writer.array(unusable) { writer, entry in
            writer.object {
                $0.member("path", entry.path)
                $0.member("reason", entry.reason)
            }
        }
        writer.key("problems")
        writer.array(problems) { writer, problem in
            writer.object {
                $0.member("text", problem.text)
                $0.member("remedy", problem.remedy)
            }
        }
    }
}
