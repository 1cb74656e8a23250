import ControllerAPI

extension SessionDocument {
    var card: String {
        var card = Card()
        card.line("User", user)
        card.line("Role", role.rawValue)
        card.line("Account", accountID?.text)
        card.line("Domain", domain)
        card.line("Logged in", createdAt?.description)
        card.line("Until", expires?.description)
        return card.text
    }
}
