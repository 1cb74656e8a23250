import AgentCore

/// `inventory` with options in their plainest form, understood without ArgumentParser.
///
/// The parser finds out about the commands by reflection, which takes longer than reading all facts of a small host. What is not
/// exactly of the form `inventory [--level N] [--format text|json] [--sysroot DIR]` is left to it: so are all its messages.
struct InventoryShortcut: Equatable {
    var level = 3
    var format = OutputFormat.text
    var sysroot: String?

    /// Nil where the arguments are the parser's. `arguments` are without the program's name.
    init?(_ arguments: some Collection<String>) {
        guard arguments.first == "inventory" else { return nil }
        var rest = arguments.dropFirst()
        while let option = rest.popFirst() {
            guard let value = rest.popFirst(), !value.isEmpty, !value.hasPrefix("-") else { return nil }
            switch option {
            case "--level":
                guard let level = Int(value), (2...4).contains(level) else { return nil }
                self.level = level
            case "--format":
                guard let format = OutputFormat(rawValue: value) else { return nil }
                self.format = format
            case "--sysroot": sysroot = value
            default: return nil
            }
        }
    }

    func run() throws(AgentError) {
        try InventoryCommand.run(level: level, sysroot: sysroot, format: format, explain: nil)
    }
}
