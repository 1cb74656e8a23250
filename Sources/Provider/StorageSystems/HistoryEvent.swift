import Identifiers
import StrictJSON

/// What kind of object of a storage system an event is about.
package enum HistoryObject: String, Sendable, CaseIterable { case system, pool, disk, port, volume, masking, session }

/// That an object of a storage system appeared, changed or went, as discovery saw it.
package struct HistoryEvent: Equatable, Sendable {
    package enum Change: Equatable, Sendable {
        case appeared(JSONObject)
        /// Only the members that differ; one that was or became absent stands on one side only.
        case changed(before: JSONObject, after: JSONObject)
        case went(JSONObject)
    }

    package var object: HistoryObject
    package var objectID: String
    package var change: Change

    package init(object: HistoryObject, objectID: String, change: Change) {
        self.object = object
        self.objectID = objectID
        self.change = change
    }
}

extension HistoryEvent.Change {
    /// `appeared`, `changed` or `went`.
    package var word: String {
        switch self {
        case .appeared: "appeared"
        case .changed: "changed"
        case .went: "went"
        }
    }

    package var before: JSONObject? {
        switch self {
        case .appeared: nil
        case .changed(let before, _), .went(let before): before
        }
    }

    package var after: JSONObject? {
        switch self {
        case .appeared(let after), .changed(_, let after): after
        case .went: nil
        }
    }
}
