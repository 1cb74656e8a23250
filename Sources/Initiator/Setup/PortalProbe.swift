import ISCSI
import Identifiers

/// What is asked of a portal before anything is written; the network's edge.
package struct PortalProbe: Sendable {
    /// Why there is no answer.
    package struct Failure: Error, Equatable, Sendable {
        package var outcome: ISCSIOutcome
        package var detail: String

        package init(outcome: ISCSIOutcome, detail: String) {
            self.outcome = outcome
            self.detail = detail
        }
    }

    /// SendTargets of one portal, with discovery's credentials.
    package var targets: @Sendable (PortalAddress, CHAPCredentials?) throws(Failure) -> [DiscoveredTarget]
    /// The security stage of a login to one target (its spelling), with the session's credentials and the digests that may be used.
    package var check: @Sendable (PortalAddress, String, CHAPCredentials?, [CHAPAlgorithm]) throws(Failure) -> CredentialCheck.Answer

    package init(
        targets: @escaping @Sendable (PortalAddress, CHAPCredentials?) throws(Failure) -> [DiscoveredTarget],
        check: @escaping @Sendable (PortalAddress, String, CHAPCredentials?, [CHAPAlgorithm]) throws(Failure) -> CredentialCheck.Answer
    ) {
        self.targets = targets
        self.check = check
    }
}
