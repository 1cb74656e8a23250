/// What a walk along the whole audit chain found.
package struct AuditVerification: Equatable, Sendable {
    /// Events whose hash and link hold.
    package let events: Int64
    /// Archive files among them.
    package let archives: Int
    /// The first broken link; nil: the chain holds from the first event to the last.
    package let fault: AuditFault?

    package init(events: Int64, archives: Int, fault: AuditFault?) {
        self.events = events
        self.archives = archives
        self.fault = fault
    }
}

/// Where an audit chain is broken. `place` is the archive's file, or `the database`.
package enum AuditFault: Error, Equatable, Sendable {
    /// The event does not give the hash that stands beside it: something in it was changed.
    case changed(sequence: Int64, place: String)
    /// The event does not name the hash of the one before it.
    case broken(sequence: Int64, place: String)
    /// An event is missing, or stands where another belongs.
    case gap(expected: Int64, found: Int64, place: String)
    /// The last events are missing.
    case cutOff(last: Int64, expected: Int64)
    /// The event, or the archive's line (counted from 1), cannot be read.
    case unreadable(place: String, number: Int64, reason: String)
    /// An archive that is listed is not there or cannot be read at all.
    case lost(file: String, reason: String)
}

extension AuditFault: CustomStringConvertible {
    package var description: String {
        let advice = "what follows it proves nothing; compare with a backup"
        return switch self {
        case .changed(let sequence, let place): "audit event \(sequence) in \(place) was changed after it was written: \(advice)"
        case .broken(let sequence, let place): "audit event \(sequence) in \(place) does not follow from the event before it: \(advice)"
        case .gap(let expected, let found, let place):
            "audit event \(expected) is missing from \(place), where \(found) stands in its place: \(advice)"
        case .cutOff(let last, let expected): "audit events \(last + 1) to \(expected) are missing from the end of the log: \(advice)"
        case .unreadable(let place, let number, let reason):
            "audit event or line \(number) of \(place) cannot be read (\(reason)): \(advice)"
        case .lost(let file, let reason): "the audit archive \(file) cannot be read (\(reason)); put it back from a backup"
        }
    }
}
