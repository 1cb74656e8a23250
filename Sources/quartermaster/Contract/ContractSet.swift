import ArgumentParser
import ControllerAPI
import Identifiers

struct ContractSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Sets what a customer has agreed to: a new revision; the old ones are kept.",
        discussion: """
            EXAMPLES
              quartermaster contract set --account account-… --capacity 20TiB --tier gold=5TiB --tier silver
                  --rate storage/gold:GiB-month=0.05 --currency EUR --service-level 2 --end 2027-12-31
            """)

    @Option(help: ArgumentHelp("The customer's account.", valueName: "id"))
    var account: AccountID

    @Option(help: ArgumentHelp("Of all tiers together; as much as there is where it is not given.", valueName: "size"))
    var capacity: ByteCount?

    @Option(help: ArgumentHelp("A class of storage, with its share of the capacity. Repeatable.", valueName: "name[=size]"))
    var tier: [TierArgument] = []

    @Option(help: ArgumentHelp("The price of one unit of something. Repeatable.", valueName: "item:unit=amount"))
    var rate: [RateArgument] = []

    @Option(help: "Three letters, as in ISO 4217.")
    var currency: String = "EUR"

    @Option(help: ArgumentHelp("1, 2 or 3.", valueName: "level"))
    var serviceLevel: Int64 = 1

    @Option(help: ArgumentHelp("A day or an RFC 3339 time; now where it is not given.", valueName: "time"))
    var start: Timestamp?

    @Option(
        help: ArgumentHelp("The first moment at which it no longer holds; until further notice where it is not given.", valueName: "time"))
    var end: Timestamp?

    @OptionGroup var client: ClientOptions

    func run() async throws {
        let terms = NewContract(
            serviceLevel: serviceLevel, capacityBytes: capacity?.bytes, currency: currency, start: start, end: end,
            tiers: tier.map(\.document), rates: rate.map(\.document))
        try await client.show(
            ControllerRequest(.setContract, ["accountID": account.text], body: terms), as: ContractDocument.self, text: \.card)
    }
}
