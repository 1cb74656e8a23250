import Identifiers
import Messages
import StrictJSON

/// One report of one registration, with all that is due, and what came of it.
package struct SingleReport: Sendable {
    package let context: AgentContext
    /// How long answers are waited for; nil does not wait.
    package let timeout: Duration?

    package init(context: AgentContext, timeout: Duration?) {
        self.context = context
        self.timeout = timeout
    }

    package struct Result: Equatable, Sendable {
        package let directory: String
        package let padID: PadID?
        package let sent: [MessageKind]
        package let unanswered: Int
        package let obstacle: Obstacle?
        package let error: AgentError?
    }

    package func run(_ directory: RegistrationDirectory) -> Result {
        var sent: [MessageKind] = []
        do throws(AgentError) {
            sent = try send(directory)
            if let timeout {
                let isAnswered = try Waiting(context: context).wait(for: directory, timeout: timeout) { $0.outbox.isEmpty }
                guard isAnswered else {
                    throw .noAnswer(directory: try directory.load()?.pad.directory ?? directory.path, after: timeout.optionText)
                }
            }
            return try result(directory, sent, nil)
        } catch {
            do throws(AgentError) {
                return try result(directory, sent, error)
            } catch let second {
                return Result(directory: directory.path, padID: nil, sent: sent, unanswered: 0, obstacle: nil, error: second)
            }
        }
    }

    private func send(_ directory: RegistrationDirectory) throws(AgentError) -> [MessageKind] {
        guard var exchange = try Exchange(directory, context: context) else { return [] }
        try exchange.connect()
        var seen = SeenFiles()
        try exchange.receive(&seen)
        // Free space is always told: somebody asked for a report. Whether a refusal still stands, only the controller knows.
        let kinds = try exchange.report(FreeSpacePolicy(interval: .zero, threshold: 0), isAsked: true)
        try exchange.publishDue(isAsked: true)
        return kinds
    }

    private func result(_ directory: RegistrationDirectory, _ sent: [MessageKind], _ error: AgentError?) throws(AgentError) -> Result {
        let state = try directory.load()
        var error = error
        // Without waiting, what was sent now is not answered yet: what was refused before is no answer to it.
        if error == nil, timeout != nil || sent.isEmpty, let state, let obstacle = state.obstacle {
            error = .refused(reason: obstacle.reason, text: obstacle.text)
            if state.phase == .refused {
                try directory.removeRefused(after: context.reached)
                let account = state.customer.accountID
                let text = "\(obstacle.text); nothing of the registration with \(account) is kept, run quartermaster-agent register again"
                error = .refused(reason: obstacle.reason, text: text)
            }
        }
        return Result(
            directory: state?.pad.directory ?? directory.path, padID: state?.pad.padID, sent: sent,
            unanswered: state?.outbox.count ?? 0, obstacle: state?.obstacle, error: error)
    }
}

extension SingleReport.Result: JSONWritable {
    package var text: String {
        let what = sent.isEmpty ? "nothing to send" : "sent \(sent.map(\.rawValue).joined(separator: ", "))"
        return "\(directory): \(what); \(unanswered) unanswered"
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("directory", directory)
            $0.member("padID", padID?.text)
            $0.member("sent", strings: sent.map(\.rawValue))
            $0.member("unanswered", unanswered)
            $0.member("reason", obstacle?.reason)
            $0.member("error", error?.description)
        }
    }
}
