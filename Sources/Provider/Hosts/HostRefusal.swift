/// Why a message was not taken: a code for programs, a text for people. The raw values go over the pad.
package struct HostRefusal: Equatable, Sendable, Error {
    package enum Reason: String, Sendable, CaseIterable {
        case badCredentials = "bad-credentials"
        case locked
        case disabled
        case contractExpired = "contract-expired"
        case notPermitted = "not-permitted"
        case expired
        case duplicateHost = "duplicate-host"
        case conflict
        case wrongPad = "wrong-pad"
        case wrongRecipient = "wrong-recipient"
        case unknownVersion = "unknown-version"
        case notRegistered = "not-registered"
        case suspended
        case revoked
        case certificateExpired = "certificate-expired"
        case limit
        case malformed
    }

    package var reason: Reason
    package var text: String
    /// When asking again may help; nil where only a person can.
    package var retryAfter: Duration?

    package init(_ reason: Reason, _ text: String, retryAfter: Duration? = nil) {
        self.reason = reason
        self.text = text
        self.retryAfter = retryAfter
    }
}
