import ControllerAPI

extension SystemDocument {
    var card: String {
        var card = Card()
        card.line("System", systemID.text)
        card.line("Name", name)
        card.line("Plug-in", plugin)
        card.line("Vendor", vendor)
        card.line("Model", model)
        card.line("Serial number", serialNumber)
        card.line("Firmware", firmware)
        card.line("Health", health)
        card.line("State", state.rawValue)
        card.line("Interval", DurationText.text(milliseconds: intervalSeconds * 1_000))
        card.line("Last discovery", lastDiscoveryAt?.description ?? "none yet")
        card.line("Unreachable", unreachableSince.map { "since \($0): \(problem ?? "unknown why")" })
        card.line("Removed", removedAt?.description)
        for entry in disbelieved {
            card.line("Not believed", "\(entry.object) \(entry.objectID ?? "-"): \(entry.reason) (since \(entry.since))")
        }
        for (name, value) in options.sorted(by: { $0.key < $1.key }) { card.line("Option", "\(name)=\(value)") }
        return card.text
    }
}
