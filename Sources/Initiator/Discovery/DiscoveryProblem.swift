import ISCSI

/// What went wrong with one address; the rest of a discovery goes on.
package struct DiscoveryProblem: Hashable, Sendable, Comparable {
    /// As the user gave it, or as the scan found it.
    package var address: String
    package var outcome: ISCSIOutcome
    package var detail: String
    /// The user named this address: the command has not done all that it was asked for.
    package var isNamed: Bool

    package init(address: String, outcome: ISCSIOutcome, detail: String, isNamed: Bool = false) {
        (self.address, self.outcome, self.detail, self.isNamed) = (address, outcome, detail, isNamed)
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.address, left.outcome.rawValue, left.detail) < (right.address, right.outcome.rawValue, right.detail)
    }
}
