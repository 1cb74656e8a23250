import ControllerAPI
import Identifiers

extension UserDocument {
    var card: String {
        var card = Card()
        card.line("User", userID.text)
        card.line("Name", name)
        card.line("Domain", domain)
        card.line("Account", accountID.text)
        card.line("Role", role.rawValue)
        card.line("State", state.rawValue)
        card.line("Password", hasPassword ? "set" : "none")
        card.line("Pool", poolBytes.map { "\(ByteCount($0)), \(ByteCount(poolUsedBytes ?? 0)) used" })
        card.line("Locked until", lockedUntil?.description)
        return card.text
    }
}
