/// The methods of the protocol.
package enum PluginMethod: String, Sendable, Hashable, CaseIterable {
    case initialize
    case systemGet = "system.get"
    case poolList = "pool.list"
    case diskList = "disk.list"
    case portList = "port.list"
    case volumeList = "volume.list"
    case maskingList = "masking.list"
    case sessionList = "session.list"
    case sampleGet = "sample.get"
    case volumeCreate = "volume.create"
    case volumeResize = "volume.resize"
    case volumeDelete = "volume.delete"
    case maskingAdd = "masking.add"
    case maskingRemove = "masking.remove"
    case replicaCreate = "replica.create"
    case replicaSplit = "replica.split"
    case replicaRestore = "replica.restore"
    case replicaDelete = "replica.delete"
    case authenticationSet = "authentication.set"
    case portConfigure = "port.configure"
    case taskGet = "task.get"

    /// Whether it changes the storage system, and so carries a `requestID`.
    package var isWrite: Bool {
        switch self {
        case .initialize, .systemGet, .poolList, .diskList, .portList, .volumeList, .maskingList, .sessionList, .sampleGet, .taskGet: false
        case .volumeCreate, .volumeResize, .volumeDelete, .maskingAdd, .maskingRemove, .replicaCreate, .replicaSplit, .replicaRestore,
            .replicaDelete, .authenticationSet, .portConfigure:
            true
        }
    }

    /// Answered by every plug-in, listed among its capabilities or not.
    package var isAlwaysAnswered: Bool { self == .initialize || self == .systemGet }
}
