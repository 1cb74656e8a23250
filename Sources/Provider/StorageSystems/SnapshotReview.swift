import Identifiers

/// Something that a plug-in said and that cannot be so, or cannot be understood. It is shown, and not believed.
package struct SystemProblem: Hashable, Sendable {
    package var object: HistoryObject
    /// The object's own ID, where it is known.
    package var objectID: String?
    package var reason: String

    package init(_ object: HistoryObject, _ objectID: String?, _ reason: String) {
        self.object = object
        self.objectID = objectID
        self.reason = reason
    }

    /// Kept for one system; the rest is counted.
    package static let maximumCount = 100
}

/// What a plug-in said, weighed: the view that is believed, and what was wrong.
///
/// An object with a doubtful entry keeps the state in which it was last believed; it neither changes nor goes on a liar's word.
package struct SnapshotReview: Equatable, Sendable {
    package private(set) var snapshot: StorageSnapshot
    package private(set) var problems: [SystemProblem]

    /// - Parameters:
    ///   - reported: as the plug-in said it, in any order, with anything twice.
    ///   - malformed: entries that could not be read.
    ///   - previous: the last view that was believed.
    package init(reported: StorageSnapshot, malformed: [SystemProblem] = [], previous: StorageSnapshot) {
        problems = malformed
        snapshot = reported
        let doubted = Dictionary(grouping: malformed, by: \.object).mapValues { Set($0.compactMap(\.objectID)) }
        snapshot.pools = believed(reported.pools, previous.pools, doubted[.pool] ?? [])
        snapshot.disks = believed(reported.disks, previous.disks, doubted[.disk] ?? [])
        snapshot.ports = believed(reported.ports, previous.ports, doubted[.port] ?? [])
        snapshot.volumes = withoutSharedWWIDs(believed(reported.volumes, previous.volumes, doubted[.volume] ?? []), previous.volumes)
        let volumes = Set(snapshot.volumes.map(\.volumeID))
        let ports = Set(snapshot.ports.map(\.portID))
        let masking = merged(reported.masking).filter { entry in
            known(entry.volumeID, in: volumes, of: entry, "volume") && entry.portIDs.allSatisfy { known($0, in: ports, of: entry, "port") }
        }
        let doubtedMasking = doubted[.masking] ?? []
        let kept = previous.masking.filter { doubtedMasking.contains($0.volumeID.text) && volumes.contains($0.volumeID) }
        let keys = Set(masking.map(\.key))
        snapshot.masking = believed(masking + kept.filter { !keys.contains($0.key) }, previous.masking, [])
        let sessions = reported.sessions.filter { known($0.portID, in: ports, of: $0, "port") }
        snapshot.sessions = Dictionary(sessions.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first }).values.sorted {
            $0.key < $1.key
        }
    }

    /// Sorted by key; where a key stands twice, or is doubted for another reason, what was believed of it before.
    private mutating func believed<Object: SnapshotObject>(_ reported: [Object], _ previous: [Object], _ doubted: Set<String>) -> [Object] {
        var doubtful = Set<Object.Key>()
        var seen: [Object.Key: Object] = [:]
        for object in reported where seen.updateValue(object, forKey: object.key) != nil && doubtful.insert(object.key).inserted {
            problems.append(SystemProblem(Object.kind, object.historyID, "was listed twice; neither entry is believed"))
        }
        for key in doubtful { seen[key] = nil }
        for old in previous where doubtful.contains(old.key) || doubted.contains(old.historyID) { seen[old.key] = old }
        return seen.values.sorted { $0.key < $1.key }
    }

    /// Two volumes with one WWID would let a host's device stand for either: only what was believed before stays.
    private mutating func withoutSharedWWIDs(_ volumes: [Volume], _ previous: [Volume]) -> [Volume] {
        let groups = Dictionary(grouping: volumes, by: \.wwid).filter { $0.value.count > 1 }
        guard !groups.isEmpty else { return volumes }
        let before = Dictionary(previous.map { ($0.volumeID, $0) }, uniquingKeysWith: { first, _ in first })
        return volumes.compactMap { volume in
            guard let group = groups[volume.wwid] else { return volume }
            if let old = before[volume.volumeID], old.wwid == volume.wwid { return volume }
            let others = group.map(\.volumeID.text).filter { $0 != volume.volumeID.text }.sorted().joined(separator: ", ")
            problems.append(
                SystemProblem(
                    .volume, volume.volumeID.text, "has the WWID \(volume.wwid), which volume \(others) has too; it is not believed"))
            return before[volume.volumeID].flatMap { groups[$0.wwid] == nil ? $0 : nil }
        }
    }

    /// Entries that differ in their ports alone are one.
    private func merged(_ entries: [MaskingEntry]) -> [MaskingEntry] {
        var result: [MaskingEntry] = []
        var places: [MaskingEntry.Key: Int] = [:]
        for entry in entries {
            if let place = places[entry.key], result[place].isReadOnly == entry.isReadOnly, result[place].portIDs != entry.portIDs {
                result[place].portIDs = Set(result[place].portIDs + entry.portIDs).sorted()
            } else {
                places[entry.key] = result.count
                result.append(entry)
            }
        }
        return result
    }

    private mutating func known<ID: Hashable & CustomStringConvertible>(
        _ id: ID, in all: Set<ID>, of object: some SnapshotObject, _ word: String
    ) -> Bool {
        if all.contains(id) { return true }
        problems.append(SystemProblem(type(of: object).kind, object.historyID, "names the unknown \(word) \(id); it is not believed"))
        return false
    }
}
