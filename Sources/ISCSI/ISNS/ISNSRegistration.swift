import Identifiers

/// Registers this initiator with an iSNS server (RFC 4171 section 5.6.5.1), or takes the registration back (section 5.6.5.4).
///
/// Some servers show targets only to initiators that are registered. Discovery itself registers nothing.
package struct ISNSRegistration: Conversation {
    package enum Action: Sendable, Equatable { case register, deregister }

    package struct Answer: Sendable, Equatable {
        /// The entity's identifier that the server keeps; it may be another than was asked for.
        package var entity: String
        /// Seconds after which the server forgets it unless it is renewed; nil where it did not say.
        package var period: UInt32?

        package init(entity: String, period: UInt32? = nil) {
            self.entity = entity
            self.period = period
        }
    }

    /// `entity` names the host (its DNS name), `portal` is the address that the connection goes out from.
    package init(_ action: Action, initiator: InitiatorIdentity, entity: String, portal: PortalAddress, random: RandomSource = .system) {
        preconditionFailure("not yet")
    }

    package mutating func begin(_ output: inout [UInt8]) -> Turn<Answer> { .more }
    package mutating func receive(_ input: UnsafeRawBufferPointer, _ output: inout [UInt8]) -> Turn<Answer> { .more }
    package mutating func ended() -> Turn<Answer> { .more }
}
