import StrictJSON

/// An object of a storage system that discovery compares with what it was.
package protocol SnapshotObject: Equatable, Sendable {
    associatedtype Key: Hashable & Comparable & Sendable

    static var kind: HistoryObject { get }
    /// Members of `facts` that change by mere use (free space, say): kept up to date, but no history.
    static var usageMembers: Set<String> { get }

    /// Unique within its system and kind.
    var key: Key { get }
    /// The key, for people and for searching.
    var historyID: String { get }
    /// Everything about it but the key, by the names of the protocol; absent members are left out.
    var facts: JSONObject { get }
}

extension SnapshotObject {
    package static var usageMembers: Set<String> { [] }
}

extension JSONObject {
    /// Leaves out members without a value.
    init(present members: [(String, JSONValue?)]) {
        self.init(members.compactMap { name, value in value.map { (name, $0) } })
    }
}
