import Identifiers
import Provider
import Store

extension MessageProcessor {
    /// Which messages of a batch are decided: all of hosts, and of strangers as many as their pad bears.
    func admitted(_ messages: [PreparedMessage], now: Timestamp) async throws -> [Bool] {
        let unknown = Set(messages.map(\.opened.signer.fingerprint).filter { !strangers.isKnown($0) })
        guard !unknown.isEmpty else { return [Bool](repeating: true, count: messages.count) }
        let hosts = try await store.read { transaction in try unknown.filter { try transaction.isHostKey($0) } }
        strangers.note(hosts: hosts)
        let indices = messages.indices.filter { isStranger(messages[$0], unknown, hosts) }
        let (admitted, closed) = strangers.admit(
            indices.map { (messages[$0].opened.pad.id, messages[$0].opened.size) }, now: now)
        if !closed.isEmpty { try await tellClosed(Set(closed)) }
        var result = [Bool](repeating: true, count: messages.count)
        for (index, isAdmitted) in zip(indices, admitted) { result[index] = isAdmitted }
        return result
    }

    private func isStranger(_ message: PreparedMessage, _ unknown: Set<Fingerprint>, _ hosts: Set<Fingerprint>) -> Bool {
        let key = message.opened.signer.fingerprint
        return unknown.contains(key) && !hosts.contains(key)
    }

    /// After the decision: what was refused counts, and who was accepted is no stranger any more.
    func settle(_ message: PreparedMessage, word: String, now: Timestamp) {
        let opened = message.opened
        guard !strangers.isKnown(opened.signer.fingerprint) else { return }
        if word == "accepted" {
            strangers.note(hosts: [opened.signer.fingerprint])
        } else {
            strangers.charge(opened.pad.id, bytes: opened.size, now: now)
        }
    }

    private func tellClosed(_ pads: Set<PadID>) async throws {
        try await store.write { transaction in
            for pad in pads.sorted() {
                try transaction.notify(
                    Notification(
                        kind: .padFlooded, severity: .alarm, accountID: nil, subject: pad.text,
                        text: """
                            keys of no host bring more to the pad \(pad) than it bears: until they stop, no new host can register there; \
                            hosts that are registered are heard. See which machine writes to the pad
                            """))
            }
        }
    }

    /// Writes to the audit trail what was counted of strangers.
    func auditStrangers() async throws {
        let sums = strangers.takeSums()
        guard !sums.isEmpty else { return }
        try await store.write { transaction in
            for (pad, sum) in sums.sorted(by: { $0.key < $1.key }) {
                try transaction.audit(
                    actor: .pad(pad), action: "pad.strangers", subject: pad.text, outcome: .refused,
                    detail: "refused=\(sum.refused) unanswered=\(sum.dropped) since=\(sum.since)")
            }
        }
    }
}
