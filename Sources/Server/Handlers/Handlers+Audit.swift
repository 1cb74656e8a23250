import ControllerAPI
import Provider
import Store

extension Handlers {
    func listAudit(_ call: Call) async throws -> Answer {
        let request = try call.page()
        let account = try call.listReach().accountID
        let order: AuditOrder = try call.flag("newestFirst") ? .newestFirst : .oldestFirst
        let page = try await store.auditEvents(account: account, order, request)
        return .document(AuditList(events: page.elements.map(AuditDocument.init), next: page.next))
    }

    func verifyAudit() async throws -> Answer {
        let result = try await store.verifyAudit()
        let detail =
            result.fault?.description
            ?? "\(result.events) events, \(result.archives) archives: every link holds, from the first event to the last"
        return .document(
            ControllerAPI.AuditVerification(
                intact: result.fault == nil, eventCount: result.events, brokenSequence: result.fault?.sequence, detail: detail))
    }
}

extension AuditDocument {
    init(_ event: AuditEvent) {
        self.init(
            sequence: event.sequence, at: event.at, actor: event.actor, action: event.action, subject: event.subject,
            outcome: event.outcome.rawValue, detail: event.detail)
    }
}

extension AuditFault {
    /// The first event that does not fit, where it has a number.
    fileprivate var sequence: Int64? {
        switch self {
        case .changed(let sequence, _), .broken(let sequence, _): sequence
        case .gap(let expected, _, _): expected
        case .cutOff(let last, _): last + 1
        case .unreadable(_, let number, _): number
        case .lost: nil
        }
    }
}
