import Identifiers

/// A volume of one of the provider's storage systems, with when it was there.
package struct VolumeRecord: Equatable, Sendable {
    package let systemID: SystemID
    package let volume: Volume
    package let firstSeenAt: Timestamp
    /// When discovery saw that it is no longer there; nil while it is.
    package let goneAt: Timestamp?

    package init(systemID: SystemID, volume: Volume, firstSeenAt: Timestamp, goneAt: Timestamp?) {
        self.systemID = systemID
        self.volume = volume
        self.firstSeenAt = firstSeenAt
        self.goneAt = goneAt
    }
}

/// A target port of one of the provider's storage systems.
package struct PortRecord: Equatable, Sendable {
    package let systemID: SystemID
    package let port: StoragePort

    package init(systemID: SystemID, port: StoragePort) {
        self.systemID = systemID
        self.port = port
    }
}

/// A masking entry of one of the provider's storage systems.
package struct MaskingRecord: Equatable, Sendable {
    package let systemID: SystemID
    package let entry: MaskingEntry
    /// When discovery first saw it.
    package let since: Timestamp

    package init(systemID: SystemID, entry: MaskingEntry, since: Timestamp) {
        self.systemID = systemID
        self.entry = entry
        self.since = since
    }
}

/// An event in the history of a storage system.
package struct HistoryRecord: Equatable, Sendable {
    /// Grows over all systems.
    package let sequence: Int64
    package let at: Timestamp
    package let systemID: SystemID
    package let event: HistoryEvent

    package init(sequence: Int64, at: Timestamp, systemID: SystemID, event: HistoryEvent) {
        self.sequence = sequence
        self.at = at
        self.systemID = systemID
        self.event = event
    }
}

/// A problem of a storage system, with when it was first seen.
package struct SystemProblemRecord: Equatable, Sendable {
    package let problem: SystemProblem
    package let since: Timestamp

    package init(problem: SystemProblem, since: Timestamp) {
        self.problem = problem
        self.since = since
    }
}
