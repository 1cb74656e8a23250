import Identifiers

/// What the controller asked of a host, and what became of it.
package struct InstructionRecord: Equatable, Sendable {
    package enum State: String, Sendable, CaseIterable {
        /// For its pad to be reached.
        case waiting
        /// Its file lies on the pad.
        case delivered
        case done, failed, refused, unsupported, expired
        /// The key that it was sealed for speaks for the host no more: nobody can read it.
        case withdrawn
    }

    package var id: Int64
    package var hostID: HostID
    package var accountID: AccountID
    package var padID: PadID?
    /// As the host gets it, JSON.
    package var body: String
    package var actor: String
    package var madeAt: Timestamp
    package var expiresAt: Timestamp?
    package var deliveredAt: Timestamp?
    /// The host's word for how it ended; or `withdrawn`, and why under `detail`.
    package var outcome: String?
    package var detail: String?
    package var closedAt: Timestamp?

    package init(
        id: Int64, hostID: HostID, accountID: AccountID, padID: PadID?, body: String, actor: String, madeAt: Timestamp,
        expiresAt: Timestamp?, deliveredAt: Timestamp?, outcome: String?, detail: String?, closedAt: Timestamp?
    ) {
        self.id = id
        self.hostID = hostID
        self.accountID = accountID
        self.padID = padID
        self.body = body
        self.actor = actor
        self.madeAt = madeAt
        self.expiresAt = expiresAt
        self.deliveredAt = deliveredAt
        self.outcome = outcome
        self.detail = detail
        self.closedAt = closedAt
    }

    /// As commands take it: `instruction-17`.
    package var instructionID: String { Self.instructionID(of: id) }

    package static func instructionID(of row: Int64) -> String { "instruction-\(row)" }

    /// The row of an ID as commands take it; nil where it cannot be one.
    package static func row(of instructionID: String) -> Int64? {
        guard instructionID.hasPrefix("instruction-") else { return nil }
        return Int64(instructionID.dropFirst("instruction-".count)).flatMap { $0 > 0 ? $0 : nil }
    }

    /// A host that carried it out in time may say so later: then that holds.
    package func state(at now: Timestamp) -> State {
        if closedAt != nil {
            // A host that only says that it read it has not carried it out.
            return outcome.flatMap(State.init(rawValue:)).flatMap { $0 == .waiting || $0 == .delivered ? nil : $0 } ?? .failed
        }
        if let expiresAt, now >= expiresAt { return .expired }
        return deliveredAt == nil ? .waiting : .delivered
    }

    /// How many may wait for one host: they take places of its unread answers.
    package static let maximumOpen = 8
    package static let lifetimes: ClosedRange<Duration> = .seconds(60)...Duration.seconds(30 * 86_400)
}

/// Why a host cannot be asked.
package enum InstructionError: Error, Equatable, Sendable {
    case noSuchInstruction(String)
    case notRegistered(HostID, state: HostState)
    /// None of its keys speaks on a pad that is polled.
    case unreachable(HostID)
    case tooMany(HostID, limit: Int)
    /// What is sealed for the old key cannot be read with the new one.
    case keysInRotation(HostID, instructionID: String)
    case othersOpen(HostID, instructionID: String)
    case lifetime
}

extension InstructionError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noSuchInstruction(let id): "there is no instruction \(id); `quartermaster instruction list HOST` shows those there are"
        case .notRegistered(let id, let state): "host \(id) is \(state.rawValue); only a registered host can be instructed"
        case .unreachable(let id): "host \(id) has no key on a pad that is in use; it registers anew on one that is"
        case .tooMany(let id, let limit):
            "host \(id) has not answered \(limit) instructions; wait until it does, or they expire (`quartermaster instruction list \(id)`)"
        case .keysInRotation(let id, let open):
            "host \(id) is to rotate its keys (\(open)), and could not read what is sealed for the old one; wait for its outcome, "
                + "or until it expires (`quartermaster instruction show \(open)` says when)"
        case .othersOpen(let id, let open):
            "host \(id) has not answered \(open), which it could not read with a new key; wait for its outcome, "
                + "or until it expires (`quartermaster instruction show \(open)` says when), then rotate the keys"
        case .lifetime: "an instruction is good for 1 minute to 30 days; give a time within that"
        }
    }
}
