import Identifiers

/// What hosts can be asked to do now.
package enum InstructionAction: String, APIEnumeration {
    /// To report at another interval.
    case setInterval = "set-interval"
    /// To look for new devices, and to send everything anew.
    case rescan
    /// To make a new key, and have it certified.
    case rotateKeys = "rotate-keys"
}

package enum InstructionStateName: String, APIEnumeration {
    /// For its pad to be reached.
    case waiting
    /// It lies on the pad, for the host to read.
    case delivered
    case done, failed
    /// The host's own rules forbid it.
    case refused
    /// The host's agent does not know it.
    case unsupported
    /// Nobody carried it out before its end.
    case expired
    /// The key that it was sealed for speaks for the host no more (`detail` says why): nobody can read it.
    case withdrawn

    package var isFinal: Bool {
        switch self {
        case .waiting, .delivered: false
        case .done, .failed, .refused, .unsupported, .expired, .withdrawn: true
        }
    }
}

package struct InstructionDocument: APIDocument, Equatable {
    package let instructionID: String
    package let hostID: HostID
    package let accountID: AccountID
    package let action: String
    /// With `set-interval`.
    package let intervalSeconds: Int64?
    package let state: InstructionStateName
    /// What the host said of its outcome, or why it was withdrawn.
    package let detail: String?
    /// Where it was, or is to be, laid.
    package let padID: PadID?
    package let actor: String
    package let sentAt: Timestamp
    package let expires: Timestamp?
    package let deliveredAt: Timestamp?
    /// When the host's word for its outcome was taken in, or when it was withdrawn.
    package let closedAt: Timestamp?

    package init(
        instructionID: String, hostID: HostID, accountID: AccountID, action: String, intervalSeconds: Int64?, state: InstructionStateName,
        detail: String?, padID: PadID?, actor: String, sentAt: Timestamp, expires: Timestamp?, deliveredAt: Timestamp?, closedAt: Timestamp?
    ) {
        self.instructionID = instructionID
        self.hostID = hostID
        self.accountID = accountID
        self.action = action
        self.intervalSeconds = intervalSeconds
        self.state = state
        self.detail = detail
        self.padID = padID
        self.actor = actor
        self.sentAt = sentAt
        self.expires = expires
        self.deliveredAt = deliveredAt
        self.closedAt = closedAt
    }
}

package struct InstructionList: APIDocument, Equatable {
    package let instructions: [InstructionDocument]
    package let next: String?

    package init(instructions: [InstructionDocument], next: String?) {
        self.instructions = instructions
        self.next = next
    }
}

package struct NewInstruction: APIDocument, Equatable {
    package let action: InstructionAction
    /// With `set-interval`, and only there: 1 to 86400.
    package let intervalSeconds: Int64?
    /// How long it is good for, a minute to 30 days; a day where it is not given.
    package let lifetimeSeconds: Int64?

    package init(action: InstructionAction, intervalSeconds: Int64?, lifetimeSeconds: Int64?) {
        self.action = action
        self.intervalSeconds = intervalSeconds
        self.lifetimeSeconds = lifetimeSeconds
    }
}
