import ControllerAPI

extension AccountDocument {
    var card: String {
        var card = Card()
        card.line("Account", accountID.text)
        card.line("Name", name)
        card.line("State", state.rawValue)
        card.line("Created", createdAt.description)
        card.line("Closed", closedAt?.description)
        return card.text
    }
}
