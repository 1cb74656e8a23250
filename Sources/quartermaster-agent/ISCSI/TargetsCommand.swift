import AgentCore
import ArgumentParser
import Identifiers
import Initiator
import StrictJSON

/// `quartermaster-agent iscsi targets`: what open-iscsi's records know.
struct TargetsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "targets", abstract: "Lists the targets that this host has records of: portals, groups, how they were found, start.",
        discussion:
            "Reads open-iscsi's records, which root alone can, and the kernel's sessions. Nobody is asked over the network; discover does that."
    )

    @OptionGroup var common: CommonOptions

    @Option(help: "How to print them: text or json.")
    var format: OutputFormat = .text

    func run() throws { try Self.run(common, target: nil, format: format) }

    /// All targets, or one with the settings of its records but secrets.
    static func run(_ common: CommonOptions, target: ISCSIName?, format: OutputFormat) throws {
        let tools = try InitiatorTools(common)
        var entries: [RecordDatabase.Entry] = []
        var sessions: [LiveSession] = []
        try endingAsDocumented(format, tools.log) { () throws(SetupError) in
            let found = try tools.database.all()
            for fault in found.faults { tools.log.warning("\(fault)") }
            entries = found.entries.filter { target == nil || $0.name.target == target }
            sessions = try tools.state().sessions
            if let target, entries.isEmpty { throw .outcome(.targetNotFound, detail: "\(target) has no record on this host") }
        }
        switch format {
        case .json:
            try printDocument { writer in
                writer.key("targets")
                writer.array(Set(entries.map(\.name.target)).sorted()) { writer, name in
                    writer.object {
                        Self.write(name, entries.filter { $0.name.target == name }, sessions, all: target != nil, to: &$0)
                    }
                }
            }
        case .text:
            if entries.isEmpty { return try printLine("no records") }
            let rows = entries.map { Self.row($0, sessions) }
            for line in TextTable.lines(["TARGET", "PORTAL", "GROUP", "INTERFACE", "FOUND BY", "START", "CONNECTED", "WWIDS"], rows).split(
                separator: "\n")
            {
                try printLine(String(line).printable)
            }
            guard target != nil else { return }
            for entry in entries {
                try printLine("")
                try printLine(tools.database.path(entry.name).printable)
                for (key, value) in Self.settings(entry.record) { try printLine("    \(key) = \(value)".printable) }
            }
        }
    }

    private static func row(_ entry: RecordDatabase.Entry, _ sessions: [LiveSession]) -> [String] {
        let own = sessions.filter { $0.isOf(entry.name) }
        let wwids = Set(own.flatMap { $0.units.compactMap(\.wwid) }).sorted()
        return [
            entry.name.spelling, entry.name.portal.split(separator: ",").first.map(String.init) ?? "",
            entry.name.portalGroupTag.map { "\($0)" } ?? "-",
            entry.name.interface, foundBy(entry.record), entry.record.text("node.startup") ?? "-",
            own.isEmpty ? "no" : own.map(\.state).joined(separator: ","),
            wwids.isEmpty ? "-" : wwids.map(\.description).joined(separator: ","),
        ]
    }

    /// `send_targets 192.0.2.1:3260`, `static`.
    private static func foundBy(_ record: RecordText) -> String {
        let kind = record.text("node.discovery_type") ?? "-"
        guard let address = record.text("node.discovery_address") else { return kind }
        return "\(kind) \(address):\(record.text("node.discovery_port") ?? "3260")"
    }

    private static func settings(_ record: RecordText) -> [(String, String)] {
        record.settings.map { key, value in
            let isSecret = key.hasSuffix(".password") || key.hasSuffix(".password_in")
            return (key, isSecret ? "(not shown)" : String(decoding: value, as: UTF8.self))
        }
    }

    private static func write(
        _ target: ISCSIName, _ entries: [RecordDatabase.Entry], _ sessions: [LiveSession], all: Bool, to writer: inout JSONWriter
    ) {
        writer.member("name", target.description)
        writer.member("connected", sessions.contains { $0.target == target })
        writer.key("portals")
        writer.array(entries) { writer, entry in
            let own = sessions.filter { $0.isOf(entry.name) }
            writer.object { writer in
                writer.member("address", entry.name.address)
                writer.member("port", entry.name.port)
                writer.member("portalGroupTag", entry.name.portalGroupTag)
                writer.member("interface", entry.name.interface)
                writer.member("foundBy", foundBy(entry.record))
                writer.member("startup", entry.record.text("node.startup"))
                writer.member("authentication", entry.record.text("node.session.auth.authmethod")?.lowercased())
                writer.member("sessions", strings: own.map { "\($0.number)" })
                writer.member("wwids", strings: Set(own.flatMap { $0.units.compactMap(\.wwid) }).sorted().map(\.description))
                if all {
                    writer.member(
                        "settings", object: { writer in for (key, value) in settings(entry.record) { writer.member(key, value) } })
                }
            }
        }
    }
}
