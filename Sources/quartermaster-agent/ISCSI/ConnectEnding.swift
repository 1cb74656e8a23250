import AgentCore
import ArgumentParser
import ISCSI
import Identifiers
import Initiator
import Inventory
import StrictJSON

/// What became of `connect`, as it is printed: commands.md's `{"outcome","target","sessions","devices","rolledBack","plan"}`, and more.
struct ConnectEnding {
    let target: ISCSIName
    /// Nil where it did not come to a plan.
    let plan: SetupPlan?
    /// Nil of a dry run.
    let result: Setup.Result?

    init(target: ISCSIName, plan: SetupPlan, result: Setup.Result? = nil) {
        self.target = target
        self.plan = plan
        self.result = result
    }

    /// Nothing was changed.
    init(target: ISCSIName, error: SetupError) {
        self.target = target
        plan = nil
        result = Setup.Result(outcome: error.outcome, detail: error.description)
    }

    private var outcome: ISCSIOutcome { result?.outcome ?? .done }

    func print(_ format: OutputFormat, _ tools: InitiatorTools) throws {
        switch format {
        case .json: try printDocument(writeMembers)
        case .text:
            for line in lines(tools) { try printLine(line.printable) }
        }
        guard outcome == .connected || outcome == .done else {
            let after = result?.leftOver.map { ". Not all could be taken back: \($0); run the command again" } ?? ""
            try SetupEnding(outcome, (result?.detail ?? "") + after).throwing(tools.log)
        }
    }

    private func lines(_ tools: InitiatorTools) -> [String] {
        guard let result else { return (plan?.lines(folder: tools.tree.records) ?? []) + [unchanged] }
        guard result.outcome == .connected else {
            return result.isRolledBack ? ["records and sessions are as they were before"] : []
        }
        return ["connected to \(target)"] + SessionText.table(result.sessions, maps: result.maps)
    }

    private func writeMembers(to writer: inout JSONWriter) {
        writer.member("outcome", outcome.rawValue)
        writer.member("target", target.description)
        let sessions = result?.outcome == .connected ? result?.sessions ?? [] : []
        writer.key("sessions")
        writer.array(sessions) { writer, session in writer.object { SessionText.writeSession(session, to: &$0) } }
        writer.key("devices")
        writer.array(sessions.flatMap(\.units)) { writer, unit in
            writer.object { SessionText.writeUnit(unit, map: result?.maps[unit.name], to: &$0) }
        }
        writer.member("rolledBack", result?.isRolledBack ?? false)
        writer.key("plan")
        if let plan { plan.write(to: &writer) } else { writer.array { _ in } }
        writer.member("dryRun", result == nil)
        if let result, result.outcome != .connected { writer.member("detail", result.detail) }
        writer.member("leftOver", result?.leftOver)
        writer.member("nextStep", outcome.nextStep)
        if let plan, !plan.advice.isEmpty { writer.member("advice", strings: plan.advice) }
    }
}
