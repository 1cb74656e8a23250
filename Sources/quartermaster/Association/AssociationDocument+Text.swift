import ControllerAPI
import Identifiers

extension AssociationDocument {
    var card: String {
        var card = Card()
        card.line("Association", associationID)
        card.line("State", state.rawValue)
        card.line("Since", since.description)
        card.line("Note", note)
        card.line("Account", accountID.text)
        card.line("Host", hostID.map { host in hostName.map { "\($0) (\(host.text))" } ?? host.text })
        card.line("Administered by", domain.map { "domain \($0)" + (registeredBy.map { ", \($0)" } ?? "") })
        card.line("Shared with", sharedWith.isEmpty ? nil : sharedWith.map(\.text).joined(separator: " "))
        card.line("In conflict with", conflictsWith?.text)
        card.line("Initiator", initiator.description)
        card.line("System", systemID?.text)
        card.line("Volume", volumeID.map { id in volumeName.map { "\($0) (\(id))" } ?? id })
        card.line("WWID", wwid)
        card.line("LUN", lun.map(String.init))
        card.line("Size", sizeBytes.map { ByteCount($0).description })
        for evidence in evidence {
            card.line("Evidence", "\(evidence.kind.rawValue), \(evidence.at)" + (evidence.source.map { ", \($0)" } ?? ""))
        }
        return card.text
    }
}

extension [AssociationChangeDocument] {
    var table: Table {
        var table = Table("ASSOCIATION", "ACCOUNT", "HOST", "INITIATOR", "VOLUME", "WAS", "BECOMES")
        for change in self {
            table.row(
                change.associationID, change.accountID.text, change.hostName ?? change.hostID?.text, change.initiator.description,
                change.volumeName ?? change.volumeID, change.before?.rawValue, change.after?.rawValue ?? "gone")
        }
        return table
    }
}
