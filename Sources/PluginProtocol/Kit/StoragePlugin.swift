import Identifiers
import StrictJSON

/// What a plug-in written in Swift provides. Only the methods that its capabilities list are called; the others need not be there.
///
/// Methods may block, and are called on several threads at a time.
package protocol StoragePlugin: Sendable {
    static var identity: PluginIdentity { get }

    /// - Parameter options: as declared in `identity`: no others, and all that are required.
    init(options: [String: String]) throws(PluginFault)

    /// Always answered; its capabilities decide what else is.
    func system() throws(PluginFault) -> PluginSystem

    /// What is answered; asked before each request. As in `system` unless given.
    func capabilities() throws(PluginFault) -> PluginCapabilities

    func pools() throws(PluginFault) -> [PluginPool]
    func disks() throws(PluginFault) -> [PluginDisk]
    func ports() throws(PluginFault) -> [PluginPort]
    func volumes() throws(PluginFault) -> [PluginVolume]
    func masking() throws(PluginFault) -> [PluginMasking]
    func sessions() throws(PluginFault) -> [PluginSession]
    func sample() throws(PluginFault) -> PluginSample

    func createVolume(_ request: VolumeCreation) throws(PluginFault) -> PluginOutcome
    func resizeVolume(_ request: VolumeResize) throws(PluginFault) -> PluginOutcome
    func deleteVolume(_ request: VolumeChange) throws(PluginFault)
    func addMasking(_ request: MaskingChange) throws(PluginFault) -> PluginMasking
    func removeMasking(_ request: MaskingChange) throws(PluginFault) -> PluginMasking
    func createReplica(_ request: VolumeChange) throws(PluginFault) -> PluginOutcome
    func splitReplica(_ request: VolumeChange) throws(PluginFault) -> PluginOutcome
    func restoreReplica(_ request: VolumeChange) throws(PluginFault) -> PluginOutcome
    func deleteReplica(_ request: VolumeChange) throws(PluginFault)
    func setAuthentication(_ request: AuthenticationChange) throws(PluginFault)
    func configurePort(_ request: PortChange) throws(PluginFault) -> PluginPort
    func task(_ taskID: StorageTaskID) throws(PluginFault) -> PluginTask
}

extension StoragePlugin {
    package func capabilities() throws(PluginFault) -> PluginCapabilities { try system().capabilities }

    package func pools() throws(PluginFault) -> [PluginPool] { throw unlisted(.poolList) }
    package func disks() throws(PluginFault) -> [PluginDisk] { throw unlisted(.diskList) }
    package func ports() throws(PluginFault) -> [PluginPort] { throw unlisted(.portList) }
    package func volumes() throws(PluginFault) -> [PluginVolume] { throw unlisted(.volumeList) }
    package func masking() throws(PluginFault) -> [PluginMasking] { throw unlisted(.maskingList) }
    package func sessions() throws(PluginFault) -> [PluginSession] { throw unlisted(.sessionList) }
    package func sample() throws(PluginFault) -> PluginSample { throw unlisted(.sampleGet) }
    package func createVolume(_: VolumeCreation) throws(PluginFault) -> PluginOutcome { throw unlisted(.volumeCreate) }
    package func resizeVolume(_: VolumeResize) throws(PluginFault) -> PluginOutcome { throw unlisted(.volumeResize) }
    package func deleteVolume(_: VolumeChange) throws(PluginFault) { throw unlisted(.volumeDelete) }
    package func addMasking(_: MaskingChange) throws(PluginFault) -> PluginMasking { throw unlisted(.maskingAdd) }
    package func removeMasking(_: MaskingChange) throws(PluginFault) -> PluginMasking { throw unlisted(.maskingRemove) }
    package func createReplica(_: VolumeChange) throws(PluginFault) -> PluginOutcome { throw unlisted(.replicaCreate) }
    package func splitReplica(_: VolumeChange) throws(PluginFault) -> PluginOutcome { throw unlisted(.replicaSplit) }
    package func restoreReplica(_: VolumeChange) throws(PluginFault) -> PluginOutcome { throw unlisted(.replicaRestore) }
    package func deleteReplica(_: VolumeChange) throws(PluginFault) { throw unlisted(.replicaDelete) }
    package func setAuthentication(_: AuthenticationChange) throws(PluginFault) { throw unlisted(.authenticationSet) }
    package func configurePort(_: PortChange) throws(PluginFault) -> PluginPort { throw unlisted(.portConfigure) }
    package func task(_: StorageTaskID) throws(PluginFault) -> PluginTask { throw unlisted(.taskGet) }

    private func unlisted(_ method: PluginMethod) -> PluginFault { .unlisted(method.rawValue) }
}
