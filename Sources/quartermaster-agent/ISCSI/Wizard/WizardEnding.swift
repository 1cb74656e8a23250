import AgentCore
import ArgumentParser
import Glibc
import Identifiers
import Initiator
import StrictJSON

/// How the wizard ends where nothing failed: as `connect` does, and on a terminal in lines that fit.
struct WizardEnding {
    let end: Wizard.End
    let plan: SetupPlan?
    let result: Setup.Result?
    let ports: [FibreChannelPort]
    let changes: [Rescan.Change]

    func print(_ format: OutputFormat, _ tools: InitiatorTools, _ console: WizardConsole) throws {
        switch end {
        case .declined:
            console.say("Nothing was changed.")
            throw ExitCode(ExitStatus.failed.rawValue)
        case .looked: if format == .json { try printDocument(writePorts) }
        case .planned, .connected:
            guard let plan else { return }
            if format == .text, isatty(STDOUT_FILENO) == 1 { return say(plan, console) }
            try ConnectEnding(target: plan.target, plan: plan, result: result).print(format, tools)
        }
        if changes.contains(where: { $0.kind == .wwid }) {
            try SetupEnding(.wwidNotAsExpected, "another volume stands behind a number that was known").throwing(console.log)
        }
    }

    /// What the plan is was said before it was confirmed.
    private func say(_ plan: SetupPlan, _ console: WizardConsole) {
        guard let result else { return console.say("Nothing was changed (--dry-run).") }
        console.say("Connected to \(plan.target).")
        for session in result.sessions {
            console.say("Session \(session.number) at \(session.portal), interface \(session.interface): \(session.state)")
            for unit in session.units {
                let size = unit.sizeBytes.map { ByteCount($0).description } ?? "unknown size"
                let map = result.maps[unit.name].map { ", multipath map \($0.mapName ?? $0.name)" } ?? ""
                console.say("  \(unit.name): LUN \(unit.lun), \(size), WWID \(unit.wwid?.description ?? "unknown")\(map)")
            }
        }
    }

    private func writePorts(to writer: inout JSONWriter) {
        writer.member("outcome", changes.contains { $0.kind == .wwid } ? "wwid-not-as-expected" : "done")
        writer.key("ports")
        writer.array(ports) { writer, port in
            writer.object { writer in
                writer.member("name", port.name)
                writer.member("wwpn", port.wwpn?.description)
                writer.member("portState", port.state)
                writer.member("speed", port.speed)
                writer.key("remotePorts")
                writer.array(port.remotePorts) { writer, remote in remote.write(to: &writer) }
                writer.key("devices")
                writer.array(port.units) { writer, unit in writer.object { SessionText.writeUnit(unit, map: nil, to: &$0) } }
            }
        }
        writer.key("changes")
        writer.array(changes) { writer, change in writer.object { SessionText.writeChange(change, to: &$0) } }
    }
}
