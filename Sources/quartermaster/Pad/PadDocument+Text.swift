import ControllerAPI

extension PadDocument {
    var card: String {
        var card = Card()
        card.line("Pad", padID.text)
        card.line("Directory", directory)
        card.line("Account", accountID?.text ?? "shared")
        card.line("Interval", DurationText.text(milliseconds: intervalMilliseconds))
        card.line("System", systemID?.text)
        card.line("State", state.rawValue)
        card.line("Controller key", fingerprint.description)
        card.line("Generation", String(generation))
        card.line("Retired", retiredAt?.description)
        card.line("Problem", problem)
        return card.text
    }
}

extension PadReport {
    var text: String {
        var table = Table("WHAT", "OUTCOME", "DETAIL")
        for finding in findings { table.row(finding.subject, finding.outcome.rawValue, finding.detail) }
        return table.text(colour: Terminal.hasColour)
    }
}
