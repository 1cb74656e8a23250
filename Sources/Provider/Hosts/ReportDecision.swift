import Identifiers

/// Whether a message other than a registration is taken from this key.
package enum ReportDecision: Equatable, Sendable {
    case taken(HostID)
    /// A certificate of this controller's whose key the (restored) database does not know: take the host in again, and audit it.
    case takenInAgain
    case refused(HostRefusal)
}

/// What the signer's certificate says, once its chain is checked.
package enum PresentedCertificate: Equatable, Sendable {
    /// Signed by the key itself, as before the first registration.
    case own
    /// Issued by this controller's authority for a host, with its end.
    case issued(ends: Timestamp)
}

/// - Parameters:
///   - grace: how long after its certificate's end a host is still heard, so that one that was off renews through the pad.
package func decideReport(
    now: Timestamp, key: HostKey?, host: KnownHost?, certificate: PresentedCertificate, grace: Duration
) -> ReportDecision {
    guard let key, key.state != .stranger, let host else {
        guard case .issued(let ends) = certificate else {
            return .refused(HostRefusal(.notRegistered, "this key belongs to no registered host: register first"))
        }
        return ends < now
            ? .refused(HostRefusal(.certificateExpired, "the certificate of this unknown host ended at \(ends): register again"))
            : .takenInAgain
    }
    switch key.state {
    case .revoked:
        return .refused(
            HostRefusal(.revoked, "this key was replaced or revoked: if this host is a clone, give it a state and machine ID of its own"))
    case .ended, .stranger:
        return .refused(HostRefusal(.notRegistered, "host \(host.hostID) has unregistered: register again"))
    case .active, .superseded:
        break
    }
    if host.state == .suspended {
        return .refused(HostRefusal(.suspended, "host \(host.hostID) is suspended: ask the provider to resume it"))
    }
    if let ends = key.certificateEnds, now > ends + grace {
        return .refused(
            HostRefusal(
                .certificateExpired, "the certificate ended at \(ends) and its time of grace is over: register again with the password"))
    }
    return .taken(host.hostID)
}
