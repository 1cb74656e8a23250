import Dispatch
import Identifiers
import Messages
import Provider
import Sealing
import Store
import Synchronization

/// A reply or instruction as it lies on a pad.
package struct OutgoingFile: Sendable, Equatable {
    package let padID: PadID
    package let key: Fingerprint
    package let messageID: MessageID
    package let bytes: [UInt8]
    package let expiresAt: Timestamp
}

/// What is to be done with a file once the transaction that decided it is on disk.
package struct FileOutcome: Sendable {
    package enum Action: Sendable, Equatable {
        case remove
        case quarantine(reason: String)
        /// It could not be decided now; it is read again.
        case keep
    }

    package var action: Action
    /// Laid on the pad before the file goes.
    package var answers: [OutgoingFile] = []
    /// Its reader has it, or has gone: the file goes too.
    var withdrawn: [AcknowledgedReply] = []
    /// For counters: what was decided, in a word.
    package var word: String
    /// Who signed it, where it was taken in.
    package var sender: Fingerprint?
}

/// The files of one pad with everything done that takes time, and nothing decided: they are ready for a transaction.
struct PreparedFiles: Sendable {
    /// Of those that are not in `messages`, what is to be done with them.
    fileprivate(set) var outcomes: [FileOutcome]
    /// With the index of the file.
    fileprivate(set) var messages: [(index: Int, message: PreparedMessage)] = []
    /// Of all files.
    let bytes: Int
}

/// Turns files into decisions: opens those of a pad on all cores and checks their credentials, which holds up that pad alone; then decides and
/// commits a batch of several pads in one transaction. Holds no pad.
final class MessageProcessor: Sendable {
    let store: Store
    private let authentication: Authentication
    let configuration: IntakeConfiguration
    private let clock: @Sendable () -> Timestamp
    private let hook: CrashPointHook
    private let keys: Mutex<ControllerKeys>
    private let limits: SenderLimits
    let strangers: StrangerLimits
    let numbers = AnswerNumbers()
    private let queue = DispatchQueue(label: "quartermaster.intake", attributes: .concurrent)

    init(
        store: Store, keys: ControllerKeys, authentication: Authentication, configuration: IntakeConfiguration,
        clock: @escaping @Sendable () -> Timestamp, hook: @escaping CrashPointHook
    ) {
        self.store = store
        self.keys = Mutex(keys)
        self.authentication = authentication
        self.configuration = configuration
        self.clock = clock
        self.hook = hook
        limits = SenderLimits(configuration)
        strangers = StrangerLimits(configuration)
    }

    func replaceKeys(_ keys: ControllerKeys) { self.keys.withLock { $0 = keys } }

    var currentKeys: ControllerKeys { keys.withLock { $0 } }

    /// Opens what a pad brought, and does all that takes time. Writes nothing but alarms.
    func prepare(_ files: [IncomingFile]) async throws -> PreparedFiles {
        let now = clock()
        let keys = currentKeys
        let opener = Opener(
            keys: keys.recipientKeys, authority: keys.authority.certificate, maximumBytes: configuration.maximumMessageBytes, now: now)
        let opened = await computed(on: queue) {
            parallelMap(files) { file -> (Opening, PreparedMessage?) in
                let opening = opener.open(file)
                guard case .opened(let message) = opening else { return (opening, nil) }
                return (opening, PreparedMessage(message, now: now))
            }
        }
        var ready = PreparedFiles(
            outcomes: [FileOutcome](repeating: FileOutcome(action: .keep, word: "undecided"), count: files.count),
            bytes: files.reduce(0) { $0 + $1.bytes.count })
        var batch: [(index: Int, message: PreparedMessage)] = []
        for (index, (opening, prepared)) in opened.enumerated() {
            if case .malformed(let reason, _) = opening {
                ready.outcomes[index] = FileOutcome(action: .quarantine(reason: reason), word: "malformed")
            } else if var prepared {
                switch limits.admit(prepared.opened.sender, bytes: prepared.opened.size, now: now) {
                case .admitted: batch.append((index, prepared))
                case .over(let retryAfter, isTold: true):
                    prepared.refuseForLimit(retryAfter: retryAfter)
                    batch.append((index, prepared))
                case .over(_, isTold: false): ready.outcomes[index] = FileOutcome(action: .remove, word: "limited")
                }
            }
        }
        let admitted = try await admitted(batch.map(\.message), now: now)
        for (entry, isAdmitted) in zip(batch, admitted) where !isAdmitted {
            ready.outcomes[entry.index] = FileOutcome(action: .remove, word: "limited")
        }
        batch = zip(batch, admitted).filter(\.1).map(\.0)
        try await alarmForgeries(zip(files, opened).map { ($0.pad, $1.0) })
        guard !batch.isEmpty else { return ready }
        let prepared = try await prepare(batch.map(\.message), keys)
        ready.messages = zip(batch, prepared).map { ($0.index, $1) }
        return ready
    }

    /// Decides what several pads brought: the outcomes of each one's files. When this returns, what they say is on disk; when it throws, nothing
    /// of the batch was kept.
    func decide(_ pads: [PreparedFiles]) async throws -> [[FileOutcome]] {
        let messages = pads.flatMap(\.messages).map(\.message)
        var rest = messages.isEmpty ? [] : try await commit(messages, currentKeys)[...]
        let now = clock()
        return pads.map { pad in
            var outcomes = pad.outcomes
            for (entry, outcome) in zip(pad.messages, rest) {
                outcomes[entry.index] = outcome
                settle(entry.message, word: outcome.word, now: now)
                if outcome.word == "accepted" || outcome.word == "received" {
                    outcomes[entry.index].sender = entry.message.opened.signer.fingerprint
                }
            }
            rest = rest.dropFirst(pad.messages.count)
            return outcomes
        }
    }

    /// Whoever says what is not his to say leaves a trace, one for each pad: the audit is told at most once an hour.
    private func alarmForgeries(_ opened: [(pad: PadTerms, opening: Opening)]) async throws {
        let forgeries = opened.compactMap { entry -> Notification? in
            guard case .malformed(let reason, let signer?) = entry.opening else { return nil }
            return Notification(
                kind: .forgery, severity: .alarm, accountID: entry.pad.accountID, subject: entry.pad.id.text,
                text: "the key \(signer) signed a message on the pad \(entry.pad.id) that is not its own to write: \(reason)")
        }
        guard !forgeries.isEmpty else { return }
        try await store.write { transaction in
            for forgery in forgeries where try transaction.notify(forgery) {
                try transaction.audit(
                    actor: .daemon("intake"), action: "message.forgery", subject: forgery.subject, outcome: .refused, detail: forgery.text,
                    account: forgery.accountID)
            }
        }
    }

    // MARK: Beforehand

    private struct Known: Sendable {
        /// The active key of a host of the account that it registers for.
        var key: Fingerprint?
        /// False for what was handled before, or is refused for what it is: its credentials are not looked at.
        var isFresh: Bool
        var hostID: HostID?
        var accountID: AccountID?
        var base: StoredInventory?
    }

    /// Reads what is known, checks credentials, applies differences, makes certificates: all that takes time, before the transaction.
    private func prepare(_ messages: [PreparedMessage], _ keys: ControllerKeys) async throws -> [PreparedMessage] {
        let authority = keys.authority.fingerprint
        let known = try await known(messages, authority)
        let outcomes = try await authenticate(messages, known)
        let (configuration, now) = (configuration, clock())
        return await computed(on: queue) {
            parallelMap(Array(zip(messages, zip(known, outcomes)))) { message, more in
                var message = message
                let (known, authentication) = more
                message.complete(
                    known.base, authentication, host: known.hostID, account: known.accountID, authority: keys.authority,
                    configuration: configuration, now: now)
                return message
            }
        }
    }

    private func known(_ messages: [PreparedMessage], _ authority: Fingerprint) async throws -> [Known] {
        guard messages.contains(where: \.asksFirst) else { return messages.map { _ in Known(isFresh: false) } }
        return try await store.read { transaction in
            let epoch = try transaction.controller().epoch
            return try messages.map { message in
                do {
                    return try Self.known(message, authority: authority, epoch: epoch, transaction)
                } catch let error as StoreError where error.isOfOneStatement {
                    // The transaction meets it again, and there it counts: for this message alone.
                    return Known(isFresh: false)
                }
            }
        }
    }

    private static func known(
        _ message: PreparedMessage, authority: Fingerprint, epoch: Int64, _ transaction: ReadTransaction
    ) throws -> Known {
        let opened = message.opened
        guard case .message(let parsed) = opened.content else { return Known(isFresh: false) }
        let envelope = parsed.envelope
        guard envelope.recipient == authority, envelope.padID == opened.pad.id, envelope.epoch == epoch else {
            return Known(isFresh: false)
        }
        guard message.asksFirst else { return Known(isFresh: false) }
        let sender = try transaction.sender(opened.signer.fingerprint, on: opened.pad.id)
        if let window = sender?.window, window.epoch == epoch,
            case .fresh = window.judge(sequence: envelope.sequence, id: envelope.messageID, previous: envelope.previous)
        {
        } else if sender?.window?.epoch == epoch {
            return Known(isFresh: false)
        }
        var known = Known(isFresh: true, hostID: sender?.host?.hostID, accountID: sender?.host?.accountID)
        switch message.part {
        case .registration(let registration):
            let account = registration.registration.accountID
            if let sender, sender.key.state == .active, sender.host?.accountID == account { known.key = opened.signer.fingerprint }
            known.hostID = try transaction.knownHost(account: account, machineID: registration.machineID)?.hostID ?? known.hostID
            known.accountID = account
        case .inventoryWithoutBase:
            known.base = try known.hostID.flatMap { try transaction.inventory(of: $0) }
        default: break
        }
        return known
    }

    private func authenticate(_ messages: [PreparedMessage], _ known: [Known]) async throws -> [AuthenticationOutcome?] {
        let authentication = authentication
        return try await withThrowingTaskGroup(of: (Int, AuthenticationOutcome).self) { group in
            for (index, message) in messages.enumerated() where known[index].isFresh {
                guard case .registration(let prepared) = message.part else { continue }
                let credentials = Credentials(prepared.registration, pad: message.opened.pad.id, knownKey: known[index].key)
                group.addTask { (index, try await authentication.verify(credentials)) }
            }
            var outcomes = [AuthenticationOutcome?](repeating: nil, count: messages.count)
            for try await (index, outcome) in group { outcomes[index] = outcome }
            return outcomes
        }
    }

    // MARK: The transaction

    private func commit(_ messages: [PreparedMessage], _ keys: ControllerKeys) async throws -> [FileOutcome] {
        let (configuration, limits, strangers, numbers, hook) = (configuration, limits, strangers, numbers, hook)
        return try await store.write { transaction in
            var handling = MessageHandling(
                transaction: transaction, configuration: configuration, authority: keys.authority,
                epoch: try transaction.controller().epoch, mayRemind: { limits.mayRemind($0.sender, now: transaction.now) },
                mayAuditStranger: { strangers.mayAudit($0, now: transaction.now) })
            var outcomes: [FileOutcome] = []
            var drafts: [(index: Int, draft: AnswerDraft)] = []
            var successions: [(index: Int, succession: KeySuccession)] = []
            var answered: Set<AnswerDraft.Subject> = []
            for message in messages {
                do {
                    var decision = try transaction.savepoint { try handling.handle(message) }
                    if let succession = handling.succession { successions.append((outcomes.count, succession)) }
                    if case .answer(let draft) = decision {
                        // A copy beside it that keeps no place in the numbering: the one answer is for both.
                        if answered.insert(draft.subject).inserted {
                            drafts.append((outcomes.count, draft))
                        } else {
                            decision = .silent(acknowledged: nil)
                        }
                    }
                    outcomes.append(FileOutcome(decision))
                } catch let error as StoreError where error.isOfOneStatement {
                    // Nothing of this message was kept. It must not keep the others of the batch from being answered, again and again.
                    outcomes.append(FileOutcome(action: .quarantine(reason: "cannot be decided: \(error)"), word: "undecided"))
                }
            }
            let first = drafts.isEmpty ? 0 : try numbers.take(drafts.count, in: transaction)
            let answers = try Self.seal(drafts.map(\.draft), keys, epoch: handling.epoch, first: first, now: transaction.now)
            for (entry, answer) in zip(drafts, answers) {
                outcomes[entry.index].answers.append(try Self.keep(answer, entry.draft, transaction, configuration))
            }
            for (index, succession) in successions {
                let settled = try succession.settle(keys, epoch: handling.epoch, numbers, in: transaction)
                outcomes[index].answers += settled.deliver
                outcomes[index].withdrawn += settled.withdraw
            }
            try hook(.decided, nil)
            return outcomes
        }
    }

    private struct SealedAnswer: Sendable {
        let messageID: MessageID
        let bytes: [UInt8]
    }

    /// On all cores, while the transaction is open: their bytes are part of it.
    private static func seal(
        _ drafts: [AnswerDraft], _ keys: ControllerKeys, epoch: Int64, first: Int64, now: Timestamp
    ) throws -> [SealedAnswer] {
        let results = parallelMap(Array(drafts.enumerated())) { index, draft -> Result<SealedAnswer, SealingError> in
            do throws(SealingError) {
                let messageID = MessageID.random()
                let message = Message(
                    envelope: Envelope(
                        messageID: messageID, padID: draft.pad.id, epoch: epoch, sender: keys.fingerprint,
                        recipient: draft.recipient.fingerprint, previous: nil, sequence: first + Int64(index), at: now),
                    body: .reply(Reply(inReplyTo: draft.inReplyTo, outcome: draft.outcome)))
                let bytes = try Sealing.seal(message.jsonBytes, signer: keys.signer, recipient: draft.recipient)
                return .success(SealedAnswer(messageID: messageID, bytes: bytes))
            } catch {
                return .failure(error)
            }
        }
        return try results.map { try $0.get() }
    }

    private static func keep(
        _ answer: SealedAnswer, _ draft: AnswerDraft, _ transaction: WriteTransaction, _ configuration: IntakeConfiguration
    ) throws -> OutgoingFile {
        let expires = transaction.now + (draft.isReminder ? configuration.reminderLifetime : configuration.replyLifetime)
        _ = try transaction.addReply(
            messageID: answer.messageID, inReplyTo: draft.inReplyTo, keyID: draft.keyID, pad: draft.pad.id, sealed: answer.bytes,
            expires: expires, isReminder: draft.isReminder)
        return OutgoingFile(
            padID: draft.pad.id, key: draft.recipient.fingerprint, messageID: answer.messageID, bytes: answer.bytes, expiresAt: expires)
    }
}

extension FileOutcome {
    init(_ decision: MessageDecision) {
        action = .remove
        switch decision {
        case .answer(let draft):
            word =
                switch draft.outcome {
                case .accepted: "accepted"
                case .refused(let refusal) where refusal.reason == .limit: "limited"
                case .refused: "refused"
                case .resync: "resync"
                case .received: "received"
                }
        case .again(let reply):
            word = "repeated"
            answers = [
                OutgoingFile(
                    padID: reply.padID, key: reply.fingerprint, messageID: reply.messageID, bytes: reply.sealed,
                    expiresAt: reply.expiresAt)
            ]
        case .silent(let acknowledged):
            word = acknowledged == nil ? "repeated" : "acknowledged"
            withdrawn = acknowledged.map { [$0] } ?? []
        case .dropped:
            word = "limited"
        }
    }
}

extension Credentials {
    init(_ registration: Registration, pad: PadID, knownKey: Fingerprint?) {
        let secret: Secret =
            switch registration.credential {
            case .password(let user, let password): .password(user: user, password)
            case .token(let token): .token(token)
            }
        self.init(account: registration.accountID, domain: registration.domain, secret: secret, pad: pad, knownKey: knownKey)
    }
}
