import Identifiers

/// All that is believed about a storage system at one time. Each list is sorted by key and has no key twice.
package struct StorageSnapshot: Equatable, Sendable {
    package var identity: StorageSystemIdentity
    package var pools: [StoragePool]
    package var disks: [StorageDisk]
    package var ports: [StoragePort]
    package var volumes: [Volume]
    package var masking: [MaskingEntry]
    package var sessions: [StorageSession]

    package init(
        identity: StorageSystemIdentity, pools: [StoragePool] = [], disks: [StorageDisk] = [], ports: [StoragePort] = [],
        volumes: [Volume] = [], masking: [MaskingEntry] = [], sessions: [StorageSession] = []
    ) {
        self.identity = identity
        self.pools = pools
        self.disks = disks
        self.ports = ports
        self.volumes = volumes
        self.masking = masking
        self.sessions = sessions
    }
}
