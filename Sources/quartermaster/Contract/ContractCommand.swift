import ArgumentParser

struct ContractCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contract", abstract: "What customers have agreed to.",
        discussion: """
            EXAMPLES
              quartermaster contract set --account account-… --capacity 20TiB --tier gold=5TiB --rate storage/gold:GiB-month=0.05
              quartermaster contract show --account account-…
            """,
        subcommands: [ContractSet.self, ContractShow.self])
}
