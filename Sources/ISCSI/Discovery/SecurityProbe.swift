import Identifiers

/// Opens the security stage of a normal login to one target, to learn whether it wants authentication, and closes the connection: no session
/// comes to be, and no credentials are sent.
///
/// AuthMethod is offered as None,CHAP: the target takes the first that it allows, so that CHAP means that it insists.
package struct SecurityProbe: Conversation {
    package struct Answer: Sendable, Equatable {
        package var authentication: Authentication
        package var alias: String?
        package var groupTag: UInt16?

        package init(authentication: Authentication, alias: String? = nil, groupTag: UInt16? = nil) {
            self.authentication = authentication
            self.alias = alias
            self.groupTag = groupTag
        }
    }

    package enum Authentication: Sendable, Equatable {
        case none, chap
        /// It wants a method that is neither; an excerpt of its name.
        case other(String)
    }

    private var stage: SecurityStage

    /// `target` as the portal spells it.
    package init(initiator: InitiatorIdentity, target: String, random: RandomSource = .system) {
        let login = InitiatorLogin(
            kind: .probe(target: target), initiator: initiator, credentials: nil, options: LoginOptions(algorithms: []), random: random)
        stage = SecurityStage(login, receiveLength: login.options.receiveLength)
    }

    package mutating func begin(_ output: inout [UInt8]) -> Turn<Answer> { Self.answer(stage.begin(&output)) }

    package mutating func receive(_ input: UnsafeRawBufferPointer, _ output: inout [UInt8]) -> Turn<Answer> {
        Self.answer(stage.receive(input, &output))
    }

    package mutating func ended() -> Turn<Answer> { Self.answer(stage.ended()) }

    private static func answer(_ turn: Turn<SecurityStage.Told>) -> Turn<Answer> {
        // Refused with 2/1 because nothing was offered that it takes: CHAP, as nothing else is in use.
        if case .failed(.authenticationWanted) = turn { return .done(Answer(authentication: .chap)) }
        return turn.map { Answer(authentication: $0.authentication, alias: $0.parameters.alias, groupTag: $0.parameters.groupTag) }
    }
}
