import Provider
import Sealing

/// A walk along the chain, one event at a time from the first.
struct AuditChain {
    private(set) var sequence: Int64 = 0
    private(set) var hash = AuditEvent.noPrevious

    /// Goes on from an event that was verified.
    init(sequence: Int64 = 0, hash: [UInt8] = AuditEvent.noPrevious) {
        self.sequence = sequence
        self.hash = hash
    }

    /// Takes the next event, with the hash that stands beside it; throws what is wrong with it.
    mutating func follow(_ event: AuditEvent, hash: [UInt8], place: String) throws(AuditFault) {
        guard event.sequence == sequence + 1 else { throw .gap(expected: sequence + 1, found: event.sequence, place: place) }
        guard SHA256.digest(event.jsonBytes) == hash else { throw .changed(sequence: event.sequence, place: place) }
        guard event.previous == self.hash else { throw .broken(sequence: event.sequence, place: place) }
        sequence = event.sequence
        self.hash = hash
    }
}
