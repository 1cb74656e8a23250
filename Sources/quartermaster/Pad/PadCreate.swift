import ArgumentParser
import ControllerAPI
import Identifiers
import Provider

struct PadCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Makes a scratch pad of a directory; the controller polls it from then on.",
        discussion: """
            EXAMPLES
              quartermaster pad create /srv/pads/example --account account-… --interval 1s
              quartermaster pad create /srv/pads/all --shared
            """)

    @Argument(help: "The directory, as the controller's machine sees it.", completion: .directory)
    var directory: String

    @Option(help: ArgumentHelp("The customer whose hosts alone reach it.", valueName: "id"))
    var account: AccountID?

    @Flag(help: "Several customers' hosts reach it.")
    var shared = false

    @Option(help: ArgumentHelp("How often the controller looks.", valueName: "time"))
    var interval: TimeSpan?

    @Option(help: ArgumentHelp("The storage system that it lives on.", valueName: "id"))
    var system: SystemID?

    @OptionGroup var client: ClientOptions

    func run() async throws {
        let pad = NewPad(
            directory: absolutePath(directory), accountID: account, shared: shared, intervalMilliseconds: interval?.milliseconds,
            systemID: system)
        try await client.show(ControllerRequest(.createPad, body: pad), as: PadDocument.self, text: \.card)
    }

    func validate() throws {
        guard !directory.isEmpty else { throw ValidationError("DIR is empty: give the pad's directory") }
        guard shared != (account != nil) else { throw ValidationError("give either --account ID or --shared") }
        try interval?.require(PadRecord.intervals, of: "--interval")
    }
}
