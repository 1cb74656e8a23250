import ControllerAPI

extension InitiatorDocument {
    var card: String {
        var card = Card()
        card.line("Initiator", initiator.description)
        card.line("Transport", transport.rawValue)
        card.line("Assigned to", assignedAccountID?.text ?? "nobody")
        card.line("Assigned", assignedAt?.description)
        card.line("Claimed by", hostID?.text ?? "nobody")
        for host in conflictingHostIDs { card.line("In conflict with", host.text) }
        return card.text
    }
}
