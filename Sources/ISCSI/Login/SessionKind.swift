/// What a login is for.
enum SessionKind: Sendable, Equatable {
    case discovery
    /// A normal session with this target, as it is spelled, until the target has chosen a method of authentication.
    case probe(target: String)
    /// The same, carried to the end of its security stage.
    case check(target: String)
}

/// What both sides agreed on, from the end of the login on.
package struct SessionParameters: Sendable, Equatable {
    package var headerDigest = false
    package var dataDigest = false
    /// The longest data segment that the target takes, in bytes.
    package var sendLength = 8192
    /// With which this side authenticated itself.
    package var algorithm: CHAPAlgorithm?
    package var alias: String?
    package var groupTag: UInt16?
}
