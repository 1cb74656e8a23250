// needs: StrictJSON Identifiers Files PluginProtocol
import Identifiers
import PluginProtocol
import StrictJSON

/// What a plug-in writes: cut into lines, read as answers by a conversation that waits for some, and each result as each object.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPluginLine(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    var framer = LineFramer(limit: 4096)
    var conversation = PluginConversation(limits: PluginLimits())
    for _ in 0..<4 { _ = conversation.send("volume.list", .object([:]), at: .zero) }
    // Cut by the first byte, so that lines come in pieces.
    let step = max(1, Int(bytes.first ?? 1))
    var finished = Set<Int64>()
    for from in stride(from: 0, to: bytes.count, by: step) {
        for piece in framer.append(bytes[from..<min(from + step, bytes.count)]) {
            if case .line(let line) = piece {
                precondition(line.count <= 4096 && !line.isEmpty && !line.contains(0x0A), "a line that is none")
                if case .success(let request) = PluginRequest.parse(line: line) {
                    guard case .success(let again) = PluginRequest.parse(line: request.jsonBytes) else {
                        preconditionFailure("not read again")
                    }
                    precondition(again == request, "a request changes when it is written and read")
                }
            }
            for action in conversation.received(piece) {
                guard case .finish(let id, let result) = action else { continue }
                precondition((1...4).contains(id) && finished.insert(id).inserted, "an answer to what was not asked")
                if case .success(let value) = result { readAsEverything(value) }
            }
        }
        precondition(framer.pendingBytes <= 4097, "more is held than a line")
    }
    precondition(conversation.callsUnderWay + finished.count == 4, "a call was lost")
    return 0
}

private func readAsEverything(_ value: JSONValue) {
    check(PluginIdentity.self, value)
    check(PluginSystem.self, value)
    check(PluginSample.self, value)
    check(PluginTask.self, value)
    check(PluginOutcome.self, value)
    list(PluginPool.self, value, "pools", "poolID")
    list(PluginDisk.self, value, "disks", "diskID")
    list(PluginPort.self, value, "ports", "portID")
    list(PluginVolume.self, value, "volumes", "volumeID")
    list(PluginMasking.self, value, "masking", "volumeID")
    list(PluginSession.self, value, "sessions", "initiator")
}

private func check<Object: JSONReadable & JSONWritable & Equatable>(_ type: Object.Type, _ value: JSONValue) {
    let object: Object
    do throws(JSONError) { object = try Object(json: JSONFields(value)) } catch { return }
    do throws(JSONError) {
        let again = try Object(json: JSONFields(JSONValue.parse(object.jsonBytes)))
        precondition(again == object, "\(type) changes when it is written and read")
    } catch {
        preconditionFailure("what was written as \(type) is not read: \(error)")
    }
}

private func list<Entry: JSONReadable & Sendable>(_ type: Entry.Type, _ value: JSONValue, _ key: String, _ idKey: String) {
    do throws(JSONError) { _ = try PluginList<Entry>(result: value, key: key, idKey: idKey) } catch {}
}
