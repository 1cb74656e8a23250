import Identifiers

/// Opens the security stage of a normal login to one target, to learn whether it wants authentication, and closes the connection: no session
/// comes to be, and no credentials are sent.
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
        /// It wants a method that is neither.
        case other(String)
    }

    /// `target` as the portal spells it.
    package init(initiator: InitiatorIdentity, target: String, random: RandomSource = .system) {
        preconditionFailure("not yet")
    }

    package mutating func begin(_ output: inout [UInt8]) -> Turn<Answer> { .more }
    package mutating func receive(_ input: UnsafeRawBufferPointer, _ output: inout [UInt8]) -> Turn<Answer> { .more }
    package mutating func ended() -> Turn<Answer> { .more }
}
