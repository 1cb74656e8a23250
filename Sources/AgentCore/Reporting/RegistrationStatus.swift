import Identifiers
import Messages
import StrictJSON

/// What `status` says of one registration: its state in words, and what is wrong with what to do about it.
package struct RegistrationStatus: Equatable, Sendable {
    package let state: RegistrationState
    package let problems: [Problem]

    package struct Problem: Equatable, Sendable {
        package let text: String
        package let remedy: String
    }

    /// - Parameter reportInterval: How often something is reported at least, as the configuration has it.
    package init(of state: RegistrationState, now: Timestamp, reportInterval: Duration = .seconds(15 * 60)) {
        self.state = state
        problems = Self.problems(of: state, now: now, reportInterval: reportInterval)
    }

    /// `registering`, `registered`, `refused` (`refusal` says why), `suspended` or `leaving`. A host whose messages the controller refuses for
    /// what it is, is not registered, whatever it was told before.
    package var word: String {
        guard state.phase == .registered, let refusal else { return state.phase.rawValue }
        return refusal == RefusalReason.suspended.rawValue ? refusal : RegistrationState.Phase.refused.rawValue
    }

    /// The controller's code for why it takes nothing from this host; nil where it takes what it is sent, now or later.
    package var refusal: String? {
        guard let reason = state.obstacle?.reason else { return nil }
        if state.phase == .refused { return reason }
        return state.phase == .registered && RegistrationState.refusesTheSender(RefusalReason(rawValue: reason)) ? reason : nil
    }

    /// Instructions that are being carried out.
    package var pendingInstructions: [HandledMessages.Entry] { state.handled.entries.filter { $0.instruction != nil && $0.outcome == nil } }

    private static func problems(of state: RegistrationState, now: Timestamp, reportInterval: Duration) -> [Problem] {
        var problems: [Problem] = []
        if let trouble = state.padTrouble {
            problems.append(
                Problem(
                    text: "since \(trouble.since): \(trouble.text)",
                    remedy: trouble.text.hasSuffix("compare the clocks")
                        ? "see that this host's clock is right (timedatectl); if it is, ask the provider to look at the pad and the controller's clock"
                        : "mount the pad, see whether its server answers, or ask the provider to check it"))
        }
        if let obstacle = state.obstacle {
            problems.append(
                Problem(
                    text: "refused at \(obstacle.at) (\(obstacle.reason)): \(obstacle.text)", remedy: remedy(for: obstacle, state.phase)))
        }
        if let oldest = state.outbox.first, now - oldest.createdAt > patience(state) {
            let text = "no answer to the \(oldest.kind.rawValue) of \(oldest.createdAt), published \(oldest.attempts) times"
            problems.append(Problem(text: text, remedy: "see that the pad is the provider's, and ask whether the controller runs"))
        }
        if let membership = state.membership, now >= membership.certificateExpires {
            problems.append(
                Problem(
                    text: "the certificate ended at \(membership.certificateExpires)",
                    remedy: "keep the agent running, so that it renews; if the provider refuses that, register again"))
        } else if let membership = state.membership, now >= membership.warnAt {
            problems.append(
                Problem(
                    text: "the certificate ends at \(membership.certificateExpires), and has not been renewed since \(membership.renewAt)",
                    remedy: "keep the agent running and the pad mounted, and ask the provider why the renewal is not answered"))
        }
        if let last = state.told.lastReportAt, state.phase == .registered, state.obstacle == nil,
            now - last > silence(state, reportInterval)
        {
            problems.append(
                Problem(
                    text: "nothing was reported since \(last)",
                    remedy: "see that the daemon runs (systemctl status quartermaster-agent) and that the pad is mounted"))
        }
        return problems
    }

    /// An answer takes a poll of the provider and one of this host; ten of each, and at least a minute, are late.
    private static func patience(_ state: RegistrationState) -> Duration {
        max(.milliseconds(state.pad.pollMilliseconds) * 20, .seconds(60))
    }

    /// Three times as long as it should be is odd.
    private static func silence(_ state: RegistrationState, _ reportInterval: Duration) -> Duration {
        max(.seconds(3_600), reportInterval * 3, .seconds(state.intervalSeconds ?? 0) * 3)
    }

    private static func remedy(for obstacle: Obstacle, _ phase: RegistrationState.Phase) -> String {
        if phase == .refused, let retryAt = obstacle.retryAt {
            return "run quartermaster-agent register again after \(retryAt), or do what the refusal says"
        }
        switch obstacle.reason {
        case "limit":
            return
                "nothing: this host sent more than the provider takes, and goes on at \(obstacle.retryAt.map(\.description) ?? "no time")"
        case "suspended":
            return "ask the provider to resume this host; it is tried again at \(obstacle.retryAt.map(\.description) ?? "no time")"
        case "bad-credentials":
            return "run quartermaster-agent register with the right account, domain, user and password"
        case "duplicate-host":
            return "give this host a machine ID of its own, or ask the provider to release the host it is taken for"
        case "locked":
            return "wait, or ask an administrator to unlock the user; then run quartermaster-agent register again"
        case "revoked":
            return "if this host is no clone of another, run quartermaster-agent register again: it makes a new key"
        default:
            return obstacle.retryAt.map { "it is tried again at \($0)" }
                ?? "when the cause is mended, run quartermaster-agent register again"
        }
    }
}

extension RegistrationStatus: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("state", word)
            writer.member("reason", refusal)
            writer.member(
                "pad",
                object: {
                    $0.member("directory", state.pad.directory)
                    $0.member("padID", state.pad.padID.text)
                    $0.member("epoch", state.pad.epoch)
                })
            writer.member("controllerKey", state.pad.controllerKey.description)
            writer.member("trustedOnFirstUse", state.pad.isTrustedOnFirstUse)
            writer.member("accountID", (state.membership?.accountID ?? state.customer.accountID).text)
            writer.member("domain", state.customer.domain)
            writer.member("user", state.customer.user)
            writer.member("level", state.customer.level)
            writer.member("cluster", state.customer.cluster)
            writer.member("hostID", state.membership?.hostID.text)
            writer.member("hostKey", state.key.fingerprint.description)
            writer.member("registeredAt", state.membership?.registeredAt.description)
            writer.member("certificateExpires", state.membership?.certificateExpires.description)
            writer.member("lastReportAt", state.told.lastReportAt?.description)
            writer.member("lastAnswerAt", state.told.lastAnswerAt?.description)
            writer.member("intervalSeconds", state.intervalSeconds)
            writer.key("unanswered")
            writer.array(state.outbox) { writer, message in
                writer.object {
                    $0.member("messageID", message.messageID.text)
                    $0.member("kind", message.kind.rawValue)
                    $0.member("since", message.createdAt.description)
                    $0.member("attempts", message.attempts)
                }
            }
            writer.key("pendingInstructions")
            writer.array(pendingInstructions) { writer, entry in
                writer.object {
                    $0.member("messageID", entry.messageID.text)
                    $0.member("instruction", entry.instruction)
                    $0.member("since", entry.at.description)
                }
            }
            writer.member("counters", state.counters)
            writer.member("notes", strings: state.membership?.notes ?? [])
            writer.key("problems")
            writer.array(problems) { writer, problem in
                writer.object {
                    $0.member("text", problem.text)
                    $0.member("remedy", problem.remedy)
                }
            }
        }
    }
}
