import ControllerAPI
import Identifiers
import Messages
import Provider
import Store
import StrictJSON

extension Handlers {
    func sendInstruction(_ call: Call) async throws -> Answer {
        let host = try call.parameter("hostID", as: HostID.self)
        let document = try call.document(NewInstruction.self)
        let lifetime = document.lifetimeSeconds ?? 86_400
        guard (0...4_000_000_000).contains(lifetime) else { throw InstructionError.lifetime }
        let record = try await parts.intake.instruct(
            host, try Instruction.Action(document), lifetime: .seconds(lifetime), by: call.actor)
        return .document(InstructionDocument(record, now: record.madeAt))
    }

    func listInstructions(_ call: Call) async throws -> Answer {
        let host = try call.parameter("hostID", as: HostID.self)
        let (request, asked) = (try call.page(), try call.account())
        return .document(
            try await store.read { transaction in
                let account = try transaction.host(host, for: call).accountID
                guard asked == nil || asked == account else { return InstructionList(instructions: [], next: nil) }
                let page = try transaction.instructions(of: host, request)
                return InstructionList(
                    instructions: page.elements.map { InstructionDocument($0, now: transaction.now) }, next: page.next)
            })
    }

    func showInstruction(_ call: Call) async throws -> Answer {
        let id = try call.text("instructionID")
        return .document(
            try await store.read { transaction in
                let record = try InstructionRecord.row(of: id).flatMap { try transaction.instruction($0) }
                guard call.reach != .everything else {
                    guard let record else { throw InstructionError.noSuchInstruction(id) }
                    return InstructionDocument(record, now: transaction.now)
                }
                guard let record, let host = try transaction.host(record.hostID), call.reach.includes(host) else {
                    throw call.outside("instruction", id)
                }
                return InstructionDocument(record, now: transaction.now)
            })
    }
}

extension Instruction.Action {
    fileprivate init(_ document: NewInstruction) throws(RequestError) {
        switch (document.action, document.intervalSeconds) {
        case (.setInterval, let seconds?):
            guard (1...86_400).contains(seconds) else {
                throw .invalid(field: "intervalSeconds", reason: "is \(seconds); give 1 to 86400")
            }
            self = .setInterval(seconds: seconds)
        case (.setInterval, nil): throw .invalid(field: "intervalSeconds", reason: "is missing; set-interval needs it")
        case (_, _?): throw .invalid(field: "intervalSeconds", reason: "is given; only set-interval has one")
        case (.rescan, nil): self = .rescan
        case (.rotateKeys, nil): self = .rotateKeys
        }
    }
}

extension InstructionDocument {
    init(_ record: InstructionRecord, now: Timestamp) {
        let state: InstructionStateName =
            switch record.state(at: now) {
            case .waiting: .waiting
            case .delivered: .delivered
            case .done: .done
            case .failed: .failed
            case .refused: .refused
            case .unsupported: .unsupported
            case .expired: .expired
            case .withdrawn: .withdrawn
            }
        // The body was made here; one that cannot be read, of a newer controller, still has its state.
        let body: JSONValue
        do { body = try JSONValue.parse(record.body) } catch { body = .null }
        self.init(
            instructionID: record.instructionID, hostID: record.hostID, accountID: record.accountID,
            action: body["action"]?.stringValue ?? "unknown", intervalSeconds: body["seconds"]?.integerValue, state: state,
            detail: record.detail, padID: record.padID, actor: record.actor, sentAt: record.madeAt, expires: record.expiresAt,
            deliveredAt: record.deliveredAt, closedAt: record.closedAt)
    }
}
