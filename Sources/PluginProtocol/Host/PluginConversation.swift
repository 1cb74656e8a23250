import StrictJSON

/// The controller's side of the talk with one running plug-in process, as a pure state machine: what happened goes in, what is to be done
/// comes out. Times are monotonic, since any fixed moment.
package struct PluginConversation: Sendable {
    package enum Action: Equatable, Sendable {
        /// Bytes for the plug-in's standard input.
        case write([UInt8])
        case finish(id: Int64, Result<JSONValue, PluginCallError>)
        /// End the process, and start it again after a pause.
        case end(PluginViolation)
        /// Something wrong that is put up with, for the log.
        case note(String)
    }

    private struct Pending {
        let method: String
        let deadline: Duration
        let allowed: Duration
    }

    package let limits: PluginLimits
    private var nextID: Int64 = 1
    private var pending: [Int64: Pending] = [:]
    /// Requests that were given up; a late answer to one is no fault.
    private var forgotten: Set<Int64> = []
    private var missedInARow = 0
    private var badLines = 0
    /// Whether it has answered anything but `initialize`.
    package private(set) var hasWorked = false

    package init(limits: PluginLimits) { self.limits = limits }

    package var callsUnderWay: Int { pending.count }

    /// When `tick` has something to do; nil while nothing is waited for.
    package var nextDeadline: Duration? { pending.values.map(\.deadline).min() }

    package mutating func send(_ method: String, _ parameters: JSONValue, at now: Duration) -> (id: Int64, action: Action) {
        let id = nextID
        nextID += 1
        let allowed = limits.deadline(of: method)
        pending[id] = Pending(method: method, deadline: now + allowed, allowed: allowed)
        return (id, .write(PluginRequest(id: id, method: method, parameters: parameters).jsonBytes + [UInt8(ascii: "\n")]))
    }

    package mutating func received(_ piece: LineFramer.Piece) -> [Action] {
        guard case .line(let line) = piece else { return [.end(.overlongLine(limit: limits.maximumLineBytes))] }
        let response: PluginResponse
        do throws(JSONError) {
            response = try PluginResponse.parse(line: line)
        } catch {
            return bad("it is no answer: \(error)")
        }
        guard let id = response.id else { return bad("it answers no request, but says: \(response.outcome.failureText)") }
        guard let call = pending.removeValue(forKey: id) else {
            if forgotten.remove(id) != nil { return [.note("answered request \(id) too late")] }
            return bad("it answers request \(id), which nobody sent")
        }
        missedInARow = 0
        badLines = 0
        if call.method != PluginMethod.initialize.rawValue { hasWorked = true }
        return [.finish(id: id, response.outcome.mapError { .fault($0) })]
    }

    /// Gives up what is past its deadline.
    package mutating func tick(at now: Duration) -> [Action] {
        var actions: [Action] = []
        for (id, call) in pending.filter({ $0.value.deadline <= now }).sorted(by: { $0.key < $1.key }) {
            forget(id)
            missedInARow += 1
            actions.append(.finish(id: id, .failure(.noAnswer(method: call.method, after: call.allowed))))
        }
        if !actions.isEmpty, missedInARow >= limits.missedDeadlines { actions.append(.end(.missedDeadlines(missedInARow))) }
        return actions
    }

    /// The caller no longer waits for this one.
    package mutating func cancel(_ id: Int64) -> [Action] {
        guard pending[id] != nil else { return [] }
        forget(id)
        return [.finish(id: id, .failure(.cancelled))]
    }

    /// The process is gone: nothing that is waited for will be answered.
    package mutating func ended(_ reason: PluginCallError) -> [Action] {
        let ids = pending.keys.sorted()
        pending = [:]
        return ids.map { .finish(id: $0, .failure(reason)) }
    }

    private mutating func forget(_ id: Int64) {
        pending[id] = nil
        // Bounded: a plug-in that never answers is ended long before.
        if forgotten.count < 4096 { forgotten.insert(id) }
    }

    private mutating func bad(_ reason: String) -> [Action] {
        badLines += 1
        let text = PluginText.cleaned(reason, limit: 300)
        return badLines >= limits.badLines
            ? [.end(.garbage(lines: badLines, last: text))] : [.note("wrote a line that is not believed: \(text)")]
    }
}

extension Result where Success == JSONValue, Failure == PluginFault {
    fileprivate var failureText: String {
        switch self {
        case .success: "a result without an ID"
        case .failure(let fault): fault.description
        }
    }
}
