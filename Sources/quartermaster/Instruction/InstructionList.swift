import ArgumentParser
import ControllerAPI
import Identifiers

struct InstructionList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists what a host was asked to do, the oldest first.",
        discussion: """
            EXAMPLES
              quartermaster instruction list host-…
            """)

    @Argument(help: "The host's ID.")
    var hostID: HostID

    @OptionGroup var list: ListOptions

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.list(
            list.request(.listInstructions, parameters: ["hostID": hostID.text]), as: ControllerAPI.InstructionList.self, next: \.next
        ) { $0.instructions.table }
    }
}
