import Identifiers
import StrictJSON

/// What writes were done under which request ID, so that one that is sent again is answered again and not done again.
///
/// A plug-in keeps it together with what the writes change, in one atomic step.
package struct RequestJournal: Equatable, Sendable, JSONReadable, JSONWritable {
    private struct Entry: Equatable, Sendable {
        let requestID: String
        let method: String
        /// The parameters' text: the same ID with others is a conflict.
        let parameters: String
        let result: JSONValue
    }

    /// The oldest go first beyond this many.
    package static let capacity = 10_000

    private var entries: [Entry] = []
    private var places: [String: Int] = [:]
    private var removed = 0

    package init() {}

    /// The result of a request that was done; nil for a new one. Throws `conflict` where the ID stands for something else.
    package func result(
        of requestID: StorageRequestID, _ method: PluginMethod, _ parameters: some JSONWritable
    ) throws(PluginFault) -> JSONValue? {
        guard let place = places[requestID.text] else { return nil }
        let entry = entries[place - removed]
        guard entry.method == method.rawValue, entry.parameters == parameters.jsonText else {
            throw PluginFault(.conflict, "request ID \(requestID) stands for another \(entry.method) already")
        }
        return entry.result
    }

    package mutating func record(
        _ requestID: StorageRequestID, _ method: PluginMethod, _ parameters: some JSONWritable, result: JSONValue
    ) {
        places[requestID.text] = removed + entries.count
        entries.append(Entry(requestID: requestID.text, method: method.rawValue, parameters: parameters.jsonText, result: result))
        if entries.count > Self.capacity {
            places[entries.removeFirst().requestID] = nil
            removed += 1
        }
    }

    package init(json: JSONFields) throws(JSONError) {
        let read = try json.objects("requests", maximumCount: Self.capacity) { fields throws(JSONError) in
            Entry(
                requestID: try fields.string("requestID"), method: try fields.string("method"),
                parameters: try fields.string("parameters", maximumLength: 1 << 20), result: try fields.value("result"))
        }
        for entry in read {
            guard places.updateValue(entries.count, forKey: entry.requestID) == nil else {
                throw .invalid(path: json.path("requests"), reason: "has request ID \(entry.requestID) twice")
            }
            entries.append(entry)
        }
    }

    package func write(to writer: inout JSONWriter) { writer.object { writeMembers(to: &$0) } }

    /// The member `requests`, for an object that holds more.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.key("requests")
        writer.array(entries) { writer, entry in
            writer.object { writer in
                writer.member("requestID", entry.requestID)
                writer.member("method", entry.method)
                writer.member("parameters", entry.parameters)
                writer.member("result", entry.result)
            }
        }
    }
}
