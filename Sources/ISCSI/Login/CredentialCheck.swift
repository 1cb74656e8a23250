import Identifiers

/// Carries the security stage of a normal login to its end, with the credentials, and closes the connection before the full feature phase: no session comes
/// to be, and whoever sets one up knows beforehand that it will be let in. Mutual CHAP is checked where the credentials have it.
///
/// `again(after:)` gives the attempt with MD5 alone to a target that refused after it had chosen a stronger algorithm.
package struct CredentialCheck: Conversation {
    package struct Answer: Sendable, Equatable {
        /// With which this host authenticated itself; nil where the target wanted no authentication.
        package var algorithm: CHAPAlgorithm?
        package var alias: String?
        package var groupTag: UInt16?

        package init(algorithm: CHAPAlgorithm? = nil, alias: String? = nil, groupTag: UInt16? = nil) {
            self.algorithm = algorithm
            self.alias = alias
            self.groupTag = groupTag
        }
    }

    private let target: String
    private var stage: SecurityStage

    /// `target` as the portal spells it. Without credentials a target that wants CHAP ends in `.authenticationWanted`.
    package init(
        initiator: InitiatorIdentity, target: String, credentials: CHAPCredentials? = nil, options: LoginOptions = LoginOptions(),
        random: RandomSource = .system
    ) {
        self.target = target
        let login = InitiatorLogin(
            kind: .check(target: target), initiator: initiator, credentials: credentials, options: options, random: random)
        stage = SecurityStage(login, receiveLength: max(options.receiveLength, 8192))
    }

    package mutating func begin(_ output: inout [UInt8]) -> Turn<Answer> { Self.answer(stage.begin(&output)) }

    package mutating func receive(_ input: UnsafeRawBufferPointer, _ output: inout [UInt8]) -> Turn<Answer> {
        Self.answer(stage.receive(input, &output))
    }

    package mutating func ended() -> Turn<Answer> { Self.answer(stage.ended()) }

    package func again(after fault: ISCSIFault) -> Self? {
        let login = stage.login
        guard let options = login.optionsAgain(after: fault) else { return nil }
        return Self(initiator: login.initiator, target: target, credentials: login.credentials, options: options, random: login.random)
    }

    private static func answer(_ turn: Turn<SecurityStage.Told>) -> Turn<Answer> {
        turn.map { Answer(algorithm: $0.parameters.algorithm, alias: $0.parameters.alias, groupTag: $0.parameters.groupTag) }
    }
}
