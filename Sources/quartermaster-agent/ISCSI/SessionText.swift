import Identifiers
import Initiator
import Inventory
import StrictJSON

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

    /// What a rescan found.
    static func writeChange(_ change: Rescan.Change, to writer: inout JSONWriter) {
        writer.member("kind", change.kind.rawValue)
        writeUnit(change.unit, map: nil, to: &writer)
        writer.member("sizeBytesBefore", change.before?.sizeBytes)
        writer.member("wwidBefore", change.before?.wwid?.description)
    }
}
