import Identifiers

/// Asks an iSNS server (RFC 4171) for the targets that this initiator may see, with their portals and portal groups.
package struct ISNSQuery: Conversation {
    package struct Answer: Sendable, Equatable {
        package var targets: [DiscoveredTarget]
        package var unusable: [UnusableEntry]

        package init(targets: [DiscoveredTarget] = [], unusable: [UnusableEntry] = []) {
            self.targets = targets
            self.unusable = unusable
        }
    }

    /// All targets, or the one of the name `target`.
    package init(initiator: InitiatorIdentity, target: String? = nil, random: RandomSource = .system) {
        preconditionFailure("not yet")
    }

    package mutating func begin(_ output: inout [UInt8]) -> Turn<Answer> { .more }
    package mutating func receive(_ input: UnsafeRawBufferPointer, _ output: inout [UInt8]) -> Turn<Answer> { .more }
    package mutating func ended() -> Turn<Answer> { .more }
}
