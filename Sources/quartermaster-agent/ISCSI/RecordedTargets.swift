import Identifiers
import Initiator
import StrictJSON

/// The targets of open-iscsi's records with their sessions, and what portals said of them, for people and as JSON.
struct RecordedTargets {
    let entries: [RecordDatabase.Entry]
    let sessions: [LiveSession]
    let seen: SeenTargets?
    /// With the settings of the records, but secrets.
    let isWhole: Bool

    private static let heading = [
        "TARGET", "PORTAL", "GROUP", "INTERFACE", "FOUND BY", "START", "CONNECTED", "WWIDS", "SEEN AS", "OFFERED",
    ]

    var lines: [String] {
        if entries.isEmpty { return ["no records"] }
        let table = TextTable.lines(Self.heading, entries.map(row)).split(separator: "\n").map(String.init)
        return table + (seen.map { ["asked at \($0.at) (--refresh asks again)"] } ?? [])
    }

    private func row(_ entry: RecordDatabase.Entry) -> [String] {
        let own = sessions(of: entry)
        let wwids = wwids(own)
        return [
            entry.name.spelling, entry.name.portal.split(separator: ",").first.map(String.init) ?? "",
            entry.name.portalGroupTag.map { "\($0)" } ?? "-",
            entry.name.interface, Self.foundBy(entry.record), entry.record.text("node.startup") ?? "-",
            own.isEmpty ? "no" : own.map(\.state).joined(separator: ","),
            wwids.isEmpty ? "-" : wwids.joined(separator: ","),
            seen?.targets[entry.name.target]?.alias ?? "-", offered(entry).map { $0 ? "yes" : "no" } ?? "-",
        ]
    }

    private func sessions(of entry: RecordDatabase.Entry) -> [LiveSession] { sessions.filter { $0.isOf(entry.name) } }

    private func wwids(_ sessions: [LiveSession]) -> [String] {
        Set(sessions.flatMap { $0.units.compactMap(\.wwid) }).sorted().map(\.description)
    }

    private func offered(_ entry: RecordDatabase.Entry) -> Bool? {
        entry.name.portalAddress.flatMap { seen?.offers(entry.name.target, at: $0) }
    }

    /// `send_targets 192.0.2.1:3260`, `static`.
    private static func foundBy(_ record: RecordText) -> String {
        let kind = record.text("node.discovery_type") ?? "-"
        guard let address = record.text("node.discovery_address") else { return kind }
        return "\(kind) \(address):\(record.text("node.discovery_port") ?? "3260")"
    }

    static func settings(_ record: RecordText) -> [(String, String)] {
        record.settings.map { key, value in
            let isSecret = key.hasSuffix(".password") || key.hasSuffix(".password_in")
            return (key, isSecret ? "(not shown)" : String(decoding: value, as: UTF8.self))
        }
    }

    func write(to writer: inout JSONWriter, problems: [DiscoveryProblem]?) {
        writer.key("targets")
        writer.array(Set(entries.map(\.name.target)).sorted()) { writer, name in writer.object { write(name, to: &$0) } }
        writer.member("askedAt", seen?.at.description)
        if let problems { writer.member("problems", array: problems) }
    }

    private func write(_ target: ISCSIName, to writer: inout JSONWriter) {
        writer.member("name", target.description)
        writer.member("alias", seen?.targets[target]?.alias)
        writer.member("connected", sessions.contains { $0.target == target })
        writer.key("portals")
        writer.array(entries.filter { $0.name.target == target }) { writer, entry in
            let own = sessions(of: entry)
            writer.object { writer in
                writer.member("address", entry.name.address)
                writer.member("port", entry.name.port)
                writer.member("portalGroupTag", entry.name.portalGroupTag)
                writer.member("interface", entry.name.interface)
                writer.member("foundBy", Self.foundBy(entry.record))
                writer.member("startup", entry.record.text("node.startup"))
                writer.member("authentication", entry.record.text("node.session.auth.authmethod")?.lowercased())
                writer.member("sessions", strings: own.map { "\($0.number)" })
                writer.member("wwids", strings: wwids(own))
                writer.member("offered", offered(entry))
                if isWhole {
                    writer.member(
                        "settings", object: { writer in for (key, value) in Self.settings(entry.record) { writer.member(key, value) } })
                }
            }
        }
    }
}
