import Identifiers
import Messages

/// What became of a verified message from the controller.
package enum Reception: Equatable, Sendable {
    /// Not for this registration, or out of date: counted and left.
    case ignored(reason: String)
    /// Handled before; it is acknowledged again, since the controller still publishes it.
    case again(HandledMessages.Entry)
    /// The state changed as the message says; it is acknowledged once that is durable.
    case handled(HandledMessages.Entry)
    /// To be carried out now, or once more after a crash; then acknowledged with its outcome.
    case perform(Task, HandledMessages.Entry)

    package enum Task: Equatable, Sendable {
        /// Have the SCSI hosts look for new logical units.
        case scanBuses
        /// Make a key, and ask for a certificate.
        case rotateKeys
    }
}

/// What the edge found out about the certificate in an acceptance: verified under the pinned CA, role host.
package struct CertifiedKey: Equatable, Sendable {
    package var fingerprint: Fingerprint
    package var notAfter: Timestamp

    package init(fingerprint: Fingerprint, notAfter: Timestamp) {
        self.fingerprint = fingerprint
        self.notAfter = notAfter
    }
}
