import Glibc
import PluginProtocol
import StrictJSON
import Synchronization

/// Answers requests as the simulator does, and strikes with the faults that are planted: by option, counted in this process, or in the
/// state file under `faults`, where each strike is used up for good.
final class SimulatorServing: Sendable {
    private struct Planted {
        var faults: [Fault] = []
        var stateFile: StateFile?
    }

    private let dispatcher = PluginDispatcher<SimulatorPlugin>()
    private let planted = Mutex(Planted())

    func answer(_ request: PluginRequest) -> PluginLoop.Answer {
        if request.method == PluginMethod.initialize.rawValue { plant(request.parameters) }
        guard let fault = strike(request.method) else { return .response(dispatcher.answer(request)) }
        return suffer(fault, request)
    }

    /// What is wrong with the options is the dispatcher's to say.
    private func plant(_ parameters: JSONValue) {
        guard let options = parameters["options"] else { return }
        var next = Planted()
        do throws(PluginFault) {
            next.faults = try Fault.parse(list: options["fault"]?.stringValue ?? "")
            if let path = options["state"]?.stringValue { next.stateFile = try StateFile(path: path) }
        } catch {
            return
        }
        let made = next
        planted.withLock { $0 = made }
    }

    private func strike(_ method: String) -> Fault.Kind? {
        let (fault, file) = planted.withLock { planted -> (Fault?, StateFile?) in
            guard let index = planted.faults.firstIndex(where: { $0.strikes(method) }) else { return (nil, planted.stateFile) }
            planted.faults[index].count -= 1
            return (planted.faults[index], nil)
        }
        if let fault { return fault.kind }
        guard let file else { return nil }
        do throws(PluginFault) {
            guard try file.state().faults.contains(where: { Self.strikes($0, method) }) else { return nil }
            return try file.update { state throws(PluginFault) in
                guard let index = state.faults.firstIndex(where: { Self.strikes($0, method) }) else { return nil }
                var fault = try Fault.parse(state.faults[index]).get()
                fault.count -= 1
                let parts = state.faults[index].split(separator: ":").prefix(2).joined(separator: ":")
                if fault.count == 0 { state.faults.remove(at: index) } else { state.faults[index] = "\(parts):\(fault.count)" }
                return fault.kind
            }
        } catch {
            // A state file that cannot be read or written strikes by itself: the method says so.
            return nil
        }
    }

    private static func strikes(_ text: String, _ method: String) -> Bool {
        if case .success(let fault) = Fault.parse(text) { fault.strikes(method) } else { false }
    }

    private func suffer(_ fault: Fault.Kind, _ request: PluginRequest) -> PluginLoop.Answer {
        switch fault {
        case .error(let kind):
            return .response(PluginResponse(id: request.id, outcome: .failure(PluginFault(kind, "a planted fault"))))
        case .delay(let duration):
            var time = timespec(
                tv_sec: Int(duration.components.seconds), tv_nsec: Int(duration.components.attoseconds / 1_000_000_000))
            var rest = timespec()
            while nanosleep(&time, &rest) != 0, errno == EINTR { time = rest }
            return .response(dispatcher.answer(request))
        case .hang: return .nothing
        case .freeze:
            kill(getpid(), SIGSTOP)
            return .nothing
        case .garbage: return .bytes(Array("this is no JSON\n".utf8))
        case .flood: return flood(STDOUT_FILENO)
        case .floodLog: return flood(STDERR_FILENO)
        case .longLine: return .bytes([UInt8](repeating: UInt8(ascii: "x"), count: PluginProtocol.maximumLineBytes + 2))
        case .crash: _exit(70)
        case .crashAfter:
            _ = dispatcher.answer(request)
            _exit(70)
        case .lie: return lie(request)
        case .unknownID:
            var answer = dispatcher.answer(request)
            answer.id = request.id + 1_000_000
            return .response(answer)
        }
    }

    /// Lines until nobody reads.
    private func flood(_ descriptor: Int32) -> PluginLoop.Answer {
        let lines = [UInt8](String(repeating: "water, water everywhere\n", count: 1000).utf8)
        while write(descriptor, lines, lines.count) > 0 || errno == EINTR {}
        return .nothing
    }

    private func lie(_ request: PluginRequest) -> PluginLoop.Answer {
        var answer = dispatcher.answer(request)
        guard case .success(.object(var result)) = answer.outcome else { return .response(answer) }
        if let serial = result["serialNumber"]?.stringValue {
            result["serialNumber"] = .string("not " + serial)
        } else if case .array(var entries)? = result["masking"], case .object(var first)? = entries.first {
            first["volumeID"] = "a volume that is not there"
            entries.append(.object(first))
            result["masking"] = .array(entries)
        } else {
            for (key, value) in result.members {
                guard case .array(var entries) = value, case .object(var first)? = entries.first else { continue }
                if first["sizeBytes"] != nil { first["sizeBytes"] = 1 }
                entries.append(.object(first))
                result[key] = .array(entries)
            }
        }
        answer.outcome = .success(.object(result))
        return .response(answer)
    }
}
