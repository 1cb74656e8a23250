import Identifiers
import StrictJSON

/// A write that goes on after its answer, as `task.get` shows it.
package struct PluginTask: Equatable, Sendable, JSONReadable, JSONWritable {
    package enum State: Equatable, Sendable {
        /// Per cent done, where it is known.
        case running(progress: Int64?)
        /// What the write would have answered.
        case done(result: JSONValue)
        case failed(PluginFault)
    }

    package var taskID: StorageTaskID
    package var state: State

    package init(taskID: StorageTaskID, state: State) {
        self.taskID = taskID
        self.state = state
    }

    package init(json: JSONFields) throws(JSONError) {
        taskID = try json.id("taskID")
        switch try json.string("state") {
        case "running": state = .running(progress: try json.optionalInteger("progress", in: 0...100))
        case "done": state = .done(result: try json.value("result"))
        case "failed": state = .failed(try PluginFault(json: json.fields("error")))
        default: throw .wrongType(path: json.path("state"), expected: "running, done or failed")
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("taskID", taskID.text)
            switch state {
            case .running(let progress):
                writer.member("state", "running")
                writer.member("progress", progress)
            case .done(let result):
                writer.member("state", "done")
                writer.member("result", result)
            case .failed(let fault):
                writer.member("state", "failed")
                writer.member("error", fault)
            }
        }
    }
}
