import ArgumentParser

/// `quartermaster-agent inventory`: the host's facts, as a registration would send them.
struct InventoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inventory", abstract: "Prints the host's facts, as a registration would send them.")

    @OptionGroup var common: CommonOptions

    func run() throws {}
}
