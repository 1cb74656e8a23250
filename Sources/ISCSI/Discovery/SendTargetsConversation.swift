import Identifiers

/// A discovery session (RFC 7143 section 4.3 and appendix C): login, SendTargets, logout.
package struct SendTargetsConversation: Conversation {
    package enum Scope: Sendable, Equatable {
        case all
        /// One target, spelled as the target spells it.
        case target(String)
    }

    package struct Answer: Sendable, Equatable {
        /// In the order in which they were sent, each name once.
        package var targets: [DiscoveredTarget] = []
        package var unusable: [UnusableEntry] = []
        /// The algorithm with which this host authenticated itself; nil where the portal wanted none.
        package var algorithm: CHAPAlgorithm?
        /// TargetAlias of the login response, if any.
        package var alias: String?

        package init(
            targets: [DiscoveredTarget] = [], unusable: [UnusableEntry] = [], algorithm: CHAPAlgorithm? = nil, alias: String? = nil
        ) {
            self.targets = targets
            self.unusable = unusable
            self.algorithm = algorithm
            self.alias = alias
        }
    }

    /// `credentials` are those of discovery, not of sessions; without them a portal that wants CHAP ends in `.authenticationWanted`.
    package init(
        initiator: InitiatorIdentity, scope: Scope = .all, credentials: CHAPCredentials? = nil,
        options: LoginOptions = LoginOptions(), random: RandomSource = .system
    ) {
        preconditionFailure("not yet")
    }

    package mutating func begin(_ output: inout [UInt8]) -> Turn<Answer> { .more }
    package mutating func receive(_ input: UnsafeRawBufferPointer, _ output: inout [UInt8]) -> Turn<Answer> { .more }
    package mutating func ended() -> Turn<Answer> { .more }
}
