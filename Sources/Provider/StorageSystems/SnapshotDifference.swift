import Identifiers
import StrictJSON

/// What differs between two views of one kind of object.
package struct ObjectDifference<Object: SnapshotObject>: Equatable, Sendable {
    package struct Change: Equatable, Sendable {
        package let before: Object
        package let after: Object
    }

    package var appeared: [Object] = []
    package var changed: [Change] = []
    package var went: [Object] = []

    package var isEmpty: Bool { appeared.isEmpty && changed.isEmpty && went.isEmpty }
    /// What stands in the new view and not so in the old one.
    package var written: [Object] { appeared + changed.map(\.after) }
    /// Every object that differs, as it is or was.
    package var touched: [Object] { written + went }

    package init(_ old: [Object], _ new: [Object]) {
        let before = Dictionary(old.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        let after = Set(new.map(\.key))
        for object in new {
            switch before[object.key] {
            case nil: appeared.append(object)
            case let known? where known != object: changed.append(Change(before: known, after: object))
            default: break
            }
        }
        went = old.filter { !after.contains($0.key) }
    }

    /// Changes by mere use (free space, say) are no history.
    package var history: [HistoryEvent] {
        appeared.map { event($0, .appeared($0.facts)) } + changed.compactMap(event) + went.map { event($0, .went($0.facts)) }
    }

    private func event(_ object: Object, _ change: HistoryEvent.Change) -> HistoryEvent {
        HistoryEvent(object: Object.kind, objectID: object.historyID, change: change)
    }

    private func event(_ change: Change) -> HistoryEvent? {
        let (old, new) = (change.before.facts, change.after.facts)
        func differing(_ side: JSONObject, from other: JSONObject) -> JSONObject {
            JSONObject(
                side.members.filter { !Object.usageMembers.contains($0.key) && other[$0.key] != $0.value }.map { ($0.key, $0.value) })
        }
        let (before, after) = (differing(old, from: new), differing(new, from: old))
        return before.members.isEmpty && after.members.isEmpty ? nil : event(change.after, .changed(before: before, after: after))
    }
}

/// What differs between two views of a storage system: what is to be written, what is history, and whose associations are touched.
package struct SnapshotDifference: Equatable, Sendable {
    /// Nil where the system says the same of itself as before.
    package let identity: ObjectDifference<StorageSystemIdentity>?
    package let pools: ObjectDifference<StoragePool>
    package let disks: ObjectDifference<StorageDisk>
    package let ports: ObjectDifference<StoragePort>
    package let volumes: ObjectDifference<Volume>
    package let masking: ObjectDifference<MaskingEntry>
    package let sessions: ObjectDifference<StorageSession>

    package init(_ old: StorageSnapshot, _ new: StorageSnapshot) {
        identity = old.identity == new.identity ? nil : ObjectDifference([old.identity], [new.identity])
        pools = ObjectDifference(old.pools, new.pools)
        disks = ObjectDifference(old.disks, new.disks)
        ports = ObjectDifference(old.ports, new.ports)
        volumes = ObjectDifference(old.volumes, new.volumes)
        masking = ObjectDifference(old.masking, new.masking)
        sessions = ObjectDifference(old.sessions, new.sessions)
    }

    package var isEmpty: Bool {
        identity == nil && pools.isEmpty && disks.isEmpty && ports.isEmpty && volumes.isEmpty && masking.isEmpty && sessions.isEmpty
    }

    package var history: [HistoryEvent] {
        let groups: [[HistoryEvent]] = [
            identity?.history ?? [], pools.history, disks.history, ports.history, volumes.history, masking.history, sessions.history,
        ]
        return groups.flatMap { $0 }
    }

    /// Initiators whose masking or sessions differ.
    package var touchedInitiators: Set<InitiatorName> {
        Set(masking.touched.compactMap(\.initiator.name)).union(sessions.touched.map(\.initiator))
    }

    /// Volumes of which anything but mere use differs.
    package var touchedVolumes: Set<VolumeID> {
        let changed = volumes.changed.filter { change in
            var same = change.before
            same.allocatedBytes = change.after.allocatedBytes
            return same != change.after
        }
        return Set((volumes.appeared + volumes.went + changed.map(\.after)).map(\.volumeID))
    }
}

/// The history between two views of a storage system.
package func difference(_ old: StorageSnapshot, _ new: StorageSnapshot) -> [HistoryEvent] { SnapshotDifference(old, new).history }
