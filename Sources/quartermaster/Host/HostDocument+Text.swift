import ControllerAPI
import Identifiers
import StrictJSON

extension HostDocument {
    var card: String {
        var card = Card()
        card.line("Host", hostID.text)
        card.line("Name", hostName)
        card.line("Account", accountID.text)
        card.line("Domain", domain)
        card.line("State", state.rawValue)
        card.line("Registered", registeredAt.description)
        card.line("Last report", lastReportAt?.description)
        for initiator in initiators { card.line("Initiator", "\(initiator.transport.rawValue) \(initiator.name)") }
        if initiators.isEmpty { card.line("Initiator", "none: nothing can be associated with this host") }
        card.line("Cluster", cluster)
        card.line("Machine ID", machineID)
        card.line("Registered by", registeredBy)
        card.line("Agent", "version \(agentVersion), level \(level)")
        card.line("Removed", removedAt?.description)
        let asked = (instructions ?? []).isEmpty ? "" : "\n\n" + (instructions ?? []).table.text(colour: Terminal.hasColour)
        guard let fileSystems, !fileSystems.isEmpty else { return card.text + asked }
        var table = Table("MOUNT POINT", "TYPE", "SIZE", "AVAILABLE", "DEVICES")
        for system in fileSystems {
            table.row(
                system["mountPoint"]?.stringValue, system["type"]?.stringValue,
                system["sizeBytes"]?.integerValue.map { ByteCount($0).description },
                system["availableBytes"]?.integerValue.map { ByteCount($0).description },
                system["devices"]?.arrayValue?.compactMap(\.stringValue).joined(separator: " "))
        }
        return card.text + "\n\n" + table.text(colour: Terminal.hasColour) + asked
    }
}
