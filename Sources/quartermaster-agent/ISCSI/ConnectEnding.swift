import AgentCore
import ArgumentParser
import ISCSI
import Identifiers
import Initiator
import Inventory
import StrictJSON

/// What became of `connect`, as it is printed: commands.md's `{"outcome","target","sessions","devices","rolledBack","plan"}`, and more.
struct ConnectEnding {
    let plan: SetupPlan
    /// Nil of a dry run.
    let result: Setup.Result?

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
        guard let result else { return plan.lines(folder: tools.tree.configuration) + ["nothing was changed (--dry-run)"] }
        guard result.outcome == .connected else {
            return result.isRolledBack ? ["records and sessions are as they were before"] : []
        }
        return ["connected to \(plan.target)"] + SessionText.table(result.sessions, maps: result.maps)
    }

    private func writeMembers(to writer: inout JSONWriter) {
        writer.member("outcome", outcome.rawValue)
        writer.member("target", plan.target.description)
        let sessions = result?.outcome == .connected ? result?.sessions ?? [] : []
        writer.key("sessions")
        writer.array(sessions) { writer, session in writer.object { SessionText.writeSession(session, to: &$0) } }
        writer.key("devices")
        writer.array(sessions.flatMap(\.units)) { writer, unit in
            writer.object { SessionText.writeUnit(unit, map: result?.maps[unit.name], to: &$0) }
        }
        writer.member("rolledBack", result?.isRolledBack ?? false)
        writer.member("plan", plan)
        writer.member("dryRun", result == nil)
        if let result, result.outcome != .connected { writer.member("detail", result.detail) }
        writer.member("leftOver", result?.leftOver)
        writer.member("nextStep", outcome.nextStep)
        if !plan.advice.isEmpty { writer.member("advice", strings: plan.advice) }
    }
}

/// Sessions and their units, for people and as JSON.
enum SessionText {
    static func table(_ sessions: [LiveSession], maps: [String: Inventory.BlockDevice]) -> [String] {
        var rows: [[String]] = []
        for session in sessions {
            let head = ["\(session.number)", session.target.description, session.portal, session.interface, session.state]
            if session.units.isEmpty { rows.append(head + ["-", "-", "-", "-", "-"]) }
            for unit in session.units {
                rows.append(
                    head + [
                        unit.name, "\(unit.lun)", unit.wwid?.description ?? "-", unit.sizeBytes.map { ByteCount($0).description } ?? "-",
                        maps[unit.name].map { $0.mapName ?? $0.name } ?? "-",
                    ])
            }
        }
        let text = TextTable.lines(["SESSION", "TARGET", "PORTAL", "INTERFACE", "STATE", "DISK", "LUN", "WWID", "SIZE", "MAP"], rows)
        return text.split(separator: "\n").map(String.init)
    }

    static func writeSession(_ session: LiveSession, to writer: inout JSONWriter) {
        writer.member("sessionID", "\(session.number)")
        writer.member("portal", session.portal)
        writer.member("target", session.target.description)
        writer.member("interface", session.interface)
        writer.member("state", session.state)
        writer.member("authentication", session.authentication.rawValue)
    }

    static func writeUnit(_ unit: LiveSession.Unit, map: Inventory.BlockDevice?, to writer: inout JSONWriter) {
        writer.member("name", unit.name)
        writer.member("wwid", unit.wwid?.description)
        writer.member("lun", unit.lun)
        writer.member("sizeBytes", unit.sizeBytes)
        writer.member("state", unit.state)
        writer.member("multipath", map.map { $0.mapName ?? $0.name })
    }
}
