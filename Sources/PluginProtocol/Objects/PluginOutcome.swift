import Identifiers
import StrictJSON

/// The answer to a write on a volume: `{"volume": {…}}` when it is done, `{"task": {…}}` when it goes on.
package enum PluginOutcome: Equatable, Sendable, JSONReadable, JSONWritable {
    case volume(PluginVolume)
    case task(PluginTask)
    /// Done, with nothing to show: a deletion.
    case done

    package init(json: JSONFields) throws(JSONError) {
        if let task = try json.optionalFields("task") {
            self = .task(try PluginTask(json: task))
        } else if let volume = try json.optionalFields("volume") {
            self = .volume(try PluginVolume(json: volume))
        } else {
            self = .done
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            switch self {
            case .volume(let volume): writer.member("volume", volume)
            case .task(let task): writer.member("task", task)
            case .done: break
            }
        }
    }
}
