import Identifiers
import Messages

extension RegistrationState {
    /// What this host could say now.
    package struct Findings: Equatable, Sendable {
        package var inventory: String
        package var marks: [FreeSpaceMark]

        package init(inventory: String, marks: [FreeSpaceMark]) {
            self.inventory = inventory
            self.marks = marks
        }
    }

    /// The kinds of message to make now, in order: none for what was told already, or is on its way; none that would be refused, unless a
    /// person asks, who may know better.
    package func toSend(_ findings: Findings?, policy: FreeSpacePolicy, now: Timestamp, isAsked: Bool = false) -> [MessageKind] {
        guard phase == .registered, isAsked || mayTry(now: now) else { return [] }
        // Answers come to the key that asked: a key changes only while nothing else is awaited.
        if nextKey != nil { return outbox.isEmpty ? [.renewal] : [] }
        var kinds: [MessageKind] = []
        if !isUnderway(.renewal), membership.map({ now >= $0.renewAt }) == true { kinds.append(.renewal) }
        if let findings {
            if !isUnderway(.inventory), findings.inventory != told.inventory { kinds.append(.inventory) }
            if !isUnderway(.freeSpace), policy.isDue(findings.marks, told: told, now: now) { kinds.append(.freeSpace) }
        }
        return kinds
    }

    /// False where the controller refuses this host for now or for good.
    package func mayTry(now: Timestamp) -> Bool {
        guard let obstacle else { return true }
        return obstacle.retryAt.map { now >= $0 || now < obstacle.at } ?? false
    }

    /// True while the controller wants this host to wait, as after a refusal for `limit`: then nothing is published again either. A farewell is said
    /// all the same.
    package func mustWait(now: Timestamp) -> Bool {
        guard phase == .registered, let obstacle, obstacle.retryAt != nil else { return false }
        return !mayTry(now: now)
    }

    package func isUnderway(_ kind: MessageKind) -> Bool { outbox.contains { $0.kind == kind } }

    /// A certificate for the next key is asked for: answers to anything sent now could come to a key that is no more.
    package var isChangingKey: Bool { nextKey != nil && isUnderway(.renewal) }

    /// A header with a higher epoch: the controller was restored. All but a registration, which holds a password that is gone here, is made anew.
    package mutating func enter(epoch: Int64, next: Int64?) {
        if epoch > pad.epoch { giveUpInterrupted() }
        pad.epoch = max(pad.epoch, epoch)
        chain.restart(next: next)
        outbox.removeAll { $0.kind != .registration && $0.kind != .farewell }
        told.inventory = nil
        told.freeSpaceAt = nil
    }
}
