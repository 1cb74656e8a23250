import Files
import Identifiers
import Messages

/// Carries out a controller's orders, each once.
struct OrderedWork {
    let trust: TrustDirectory
    /// The controllers that root named elsewhere: in agent.conf or register.conf.
    let configured: [Fingerprint]
    let now: Timestamp

    /// Checks the order, records it, works, and records the outcome. An order that was carried out before has the outcome that it had then.
    func carryOut(
        _ order: SignedOrder, _ wanted: Instruction.Action, work: () -> (outcome: Acknowledgement.Outcome, detail: String)
    ) throws(AgentError) -> (outcome: Acknowledgement.Outcome, detail: String) {
        let verified = try VerifiedOrder(order, now: now)
        guard verified.instruction.action == wanted else {
            throw VerifiedOrder.refusal("the controller signed \(verified.instruction.action.name), and \(wanted.name) was asked for")
        }
        let key = verified.controllerKey
        let lock = try trust.lock(key)
        defer { withExtendedLifetime(lock) {} }
        guard var entry = try trust.load(key) ?? (configured.contains(key) ? TrustDirectory.Entry(controllerKey: key) : nil) else {
            throw VerifiedOrder.refusal(
                "root never named the controller \(key) on this host: set controller-key in agent.conf, or register as root with --controller-key"
            )
        }
        if let known = entry.hostName, known != verified.hostName {
            throw VerifiedOrder.refusal(
                "it is for \(verified.hostName), and this host is \(known); register as root where it became another")
        }
        var record = HandledMessages.Entry(
            messageID: verified.envelope.messageID, sequence: verified.envelope.sequence, instruction: wanted.name, outcome: nil, at: now)
        switch entry.handled.standing(of: record.messageID, sequence: record.sequence) {
        case .tooOld: throw VerifiedOrder.refusal("it is older than what was carried out")
        case .known(let before):
            // Without an outcome it was broken off, and is done again.
            if let outcome = before.outcome { return (outcome, before.detail ?? "carried out at \(before.at)") }
        case .new: break
        }
        entry.hostName = verified.hostName
        entry.handled.record(record)
        try trust.save(entry)
        let result = work()
        (record.outcome, record.detail, record.acknowledgedAt) = (result.outcome, result.detail, now)
        entry.handled.record(record)
        try trust.save(entry)
        return result
    }
}
