import AgentCore

/// `status` for people: a name and a value a line, problems with their remedies last.
enum StatusText {
    static func lines(_ status: RegistrationStatus) -> [String] {
        let state = status.state
        var rows: [(String, String)] = [
            ("state", status.word + (status.refusal.map { $0 == status.word ? "" : " (\($0))" } ?? "")),
            ("pad", "\(state.pad.directory) (\(state.pad.padID))"),
            ("controller", "\(state.pad.controllerKey)\(state.pad.isTrustedOnFirstUse ? " (trusted on first use)" : "")"),
            ("account", (state.membership?.accountID ?? state.customer.accountID).text),
        ]
        if let domain = state.customer.domain { rows.append(("domain", domain)) }
        if let user = state.customer.user { rows.append(("registered by", user)) }
        if let membership = state.membership {
            rows.append(("host", membership.hostID.text))
            rows.append(("registered", membership.registeredAt.description))
            rows.append(("certificate until", membership.certificateExpires.description))
        }
        rows.append(("host key", state.key.fingerprint.description))
        rows.append(("level", "\(state.customer.level)\(state.customer.cluster.map { ", cluster \($0)" } ?? "")"))
        rows.append(("last report", state.told.lastReportAt?.description ?? "none"))
        rows.append(("last answer", state.told.lastAnswerAt?.description ?? "none"))
        if let seconds = state.intervalSeconds { rows.append(("interval", "\(seconds) s, set by the controller")) }
        for message in state.outbox {
            rows.append(("unanswered", "\(message.kind.rawValue) of \(message.createdAt), published \(message.attempts) times"))
        }
        for entry in status.pendingInstructions { rows.append(("instruction", "\(entry.instruction ?? "") since \(entry.at)")) }
        if state.counters.unverifiable > 0 {
            rows.append(("ignored", "\(state.counters.unverifiable) files on the pad that the controller did not sign for this host"))
        }
        for note in state.membership?.notes ?? [] { rows.append(("note", note)) }
        let width = (rows.map(\.0.count).max() ?? 0) + 2
        var lines = rows.map { ($0.0 + String(repeating: " ", count: width - $0.0.count) + $0.1).printable }
        for problem in status.problems { lines.append("problem: \(problem.text)\n  remedy: \(problem.remedy)") }
        return lines
    }
}
