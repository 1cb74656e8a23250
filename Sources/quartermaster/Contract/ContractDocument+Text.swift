import ControllerAPI
import Identifiers

extension ContractDocument {
    var card: String {
        var card = Card()
        card.line("Account", accountID.text)
        card.line("Revision", String(revision))
        card.line("State", state.rawValue)
        card.line("Service level", String(serviceLevel))
        card.line("Capacity", capacityBytes.map { ByteCount($0).description } ?? "as much as there is")
        card.line("Currency", currency)
        card.line("Start", start.description)
        card.line("End", end?.description ?? "until further notice")
        card.line("Agreed", agreedAt.description)
        for tier in tiers {
            card.line("Tier", tier.name + (tier.capacityBytes.map { ", at most \(ByteCount($0))" } ?? ""))
        }
        for rate in rates { card.line("Rate", "\(rate.item): \(rate.amount) \(currency) for one \(rate.unit)") }
        return card.text
    }
}
