import Identifiers

/// A storage system as the provider keeps it: what its plug-in says of it, and how the talk with it stands.
package struct StorageSystem: Equatable, Sendable {
    package enum State: Equatable, Sendable {
        case active
        /// The last view of it is kept; `reason` is for people.
        case unreachable(since: Timestamp, reason: String)
        case removed(at: Timestamp)
    }

    package var systemID: SystemID
    /// The plug-in's name, e.g. `tgt`.
    package var plugin: String
    package var identity: StorageSystemIdentity
    package var state: State
    /// Time between two discoveries.
    package var interval: Duration
    package var addedAt: Timestamp
    /// When the last complete view was taken; nil before the first.
    package var lastDiscoveryAt: Timestamp?

    package init(
        systemID: SystemID, plugin: String, identity: StorageSystemIdentity, state: State = .active, interval: Duration,
        addedAt: Timestamp, lastDiscoveryAt: Timestamp? = nil
    ) {
        self.systemID = systemID
        self.plugin = plugin
        self.identity = identity
        self.state = state
        self.interval = interval
        self.addedAt = addedAt
        self.lastDiscoveryAt = lastDiscoveryAt
    }

    /// One second to thirty days; a minute unless said otherwise.
    package static let intervals: ClosedRange<Duration> = .seconds(1) ... .seconds(2_592_000)
    package static let defaultInterval: Duration = .seconds(60)
}
