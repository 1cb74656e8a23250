import Identifiers

/// Why a conversation failed. No case holds a secret, nor more than an excerpt of what the other side sent.
package enum ISCSIFault: Error, Equatable, Sendable {
    /// The first bytes are no answer of an iSCSI (or iSNS) server; `found` says which rule they break.
    case notISCSI(found: String)
    /// It speaks iSCSI (or iSNS) and broke its rules: what was expected, and what came.
    case violation(expected: String, found: String)
    /// The connection ended before the answer was whole.
    case ended(during: Step)
    /// Login response with status class 2 or 3 that no other case names.
    case loginRefused(LoginStatus)
    /// The target wants CHAP, and no credentials were given.
    case authenticationWanted
    /// Login response 2/1 (or 2/0 in the middle of CHAP); `algorithm` is the one that was in use, nil where it had not come to that.
    case authenticationRefused(LoginStatus, algorithm: CHAPAlgorithm?)
    /// The other side did not prove that it knows the mutual secret.
    case notWhoItShouldBe(MutualFault)
    /// It takes none of the authentication methods or algorithms that are offered.
    case noCommonAlgorithm(offered: [CHAPAlgorithm])
    /// It wants a method of authentication that is not CHAP.
    case unknownMethod(String)
    /// Login response of class 1: the login is to be tried there.
    case redirected(to: PortalAddress, isPermanent: Bool)
    /// Login response 2/3.
    case targetNotFound
    /// Reject PDU (RFC 7143 section 11.17.1).
    case rejected(reason: UInt8)
    /// Asynchronous message 1 to 3, or 4: the target ends the connection (RFC 7143 section 11.9.1).
    case dismissed(event: UInt8)
    /// The iSNS server answered with an error status (RFC 4171 section 5.4).
    case isnsRefused(status: UInt32)
    /// The credentials break a rule of CHAP, so nothing was sent with them.
    case credentials(CHAPRule)
    /// More of something than is taken: names, bytes, rounds.
    case tooMuch(of: String, limit: Int)

    package enum Step: String, Sendable, Equatable {
        case login, authentication, negotiation, text, isns = "iSNS"
    }

    package enum MutualFault: Sendable, Equatable {
        /// It chose to go on without authentication, or finished CHAP without an answer to our challenge.
        case noAnswer
        case wrongAnswer
        /// It answered with another name than the mutual user.
        case wrongUser
        /// It sent our own challenge back, or answered with what we had sent (reflection).
        case reflected
    }
}

extension ISCSIFault {
    /// Nil for a redirection, which whoever drives the conversation follows.
    package var outcome: ISCSIOutcome? {
        switch self {
        case .notISCSI, .violation, .rejected, .tooMuch: .notAnISCSIPortal
        case .ended, .dismissed: .unreachable
        case .loginRefused: .loginRefused
        case .authenticationWanted: .authenticationWanted
        case .authenticationRefused: .wrongUserOrSecret
        case .notWhoItShouldBe: .mutualAuthenticationFailed
        case .noCommonAlgorithm, .unknownMethod: .noCommonAlgorithm
        case .redirected: nil
        case .targetNotFound: .targetNotFound
        case .isnsRefused: .loginRefused
        case .credentials: .invalidParameter
        }
    }
}

extension ISCSIFault: CustomStringConvertible {
    /// What happened, without the peer's address and without the next step.
    package var description: String {
        switch self {
        case .notISCSI(let found): "what answers is no iSCSI portal: \(found)"
        case .violation(let expected, let found): "the other side breaks the protocol: \(expected) was expected, not \(found)"
        case .ended(let step): "the connection ended during \(step.rawValue)"
        case .loginRefused(let status): "the login was refused: \(status)"
        case .authenticationWanted: "the target wants CHAP authentication, and no user and secret were given"
        case .authenticationRefused(let status, let algorithm):
            "user or secret were refused\(algorithm.map { " (CHAP with \($0))" } ?? ""): \(status)"
        case .notWhoItShouldBe(.noAnswer): "the target did not authenticate itself, as was asked"
        case .notWhoItShouldBe(.wrongAnswer): "the target's proof of the mutual secret is wrong: another machine may be posing as it"
        case .notWhoItShouldBe(.wrongUser): "the target authenticated itself under another name than the mutual user"
        case .notWhoItShouldBe(.reflected): "the target sent our own proof back: another machine is posing as it"
        case .noCommonAlgorithm(let offered):
            "the target takes none of CHAP's algorithms that were offered: \(offered.map(\.description).joined(separator: ", "))"
        case .unknownMethod(let method): "the target wants the authentication method \(method), and CHAP is what there is"
        case .redirected(let address, let isPermanent): "the target has moved \(isPermanent ? "for good" : "for now") to \(address)"
        case .targetNotFound: "the portal does not know this target, or does not show it to this initiator"
        case .rejected(let reason): "the portal rejected a request with reason \(RejectReason.text(reason))"
        case .dismissed(let event): "the portal asked to end the connection (asynchronous event \(event))"
        case .isnsRefused(let status): "the iSNS server refused: \(ISNSStatus.text(status))"
        case .credentials(let rule): rule.description
        case .tooMuch(let what, let limit): "more than \(limit) \(what)"
        }
    }
}

/// Reasons of a Reject PDU (RFC 7143 section 11.17.1).
package enum RejectReason {
    package static func text(_ reason: UInt8) -> String {
        let word: String? =
            switch reason {
            case 0x02: "data digest error"
            case 0x03: "data-in SNACK rejected"
            case 0x04: "protocol error"
            case 0x05: "command not supported"
            case 0x06: "too many immediate commands"
            case 0x07: "task in progress"
            case 0x08: "invalid data acknowledgement"
            case 0x09: "invalid PDU field"
            case 0x0A: "long operation: cannot generate target transfer tag"
            case 0x0B: "negotiation reset"
            case 0x0C: "waiting for logout"
            default: nil
            }
        return word.map { "\(reason) (\($0))" } ?? "\(reason)"
    }
}
