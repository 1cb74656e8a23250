import ControllerAPI

extension InstructionDocument {
    var card: String {
        var card = Card()
        card.line("Instruction", instructionID)
        card.line("Host", hostID.text)
        card.line("Action", actionText)
        card.line("State", state.rawValue)
        card.line("Detail", detail)
        card.line("Sent", "\(sentAt) by \(actor)")
        card.line("Pad", padID?.text)
        card.line("On the pad", deliveredAt?.description)
        card.line(state == .withdrawn ? "Withdrawn" : "Answered", closedAt?.description)
        card.line("Good until", expires?.description)
        return card.text
    }

    fileprivate var actionText: String { action + (intervalSeconds.map { " \($0)s" } ?? "") }
}

extension [InstructionDocument] {
    var table: Table {
        var table = Table("INSTRUCTION", "ACTION", "STATE", "SENT", "BY", "DETAIL")
        for entry in self {
            table.row(entry.instructionID, entry.actionText, entry.state.rawValue, entry.sentAt.description, entry.actor, entry.detail)
        }
        return table
    }
}
