import ArgumentParser
import ControllerAPI

struct InstructionShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows one instruction, and what became of it.",
        discussion: """
            EXAMPLES
              quartermaster instruction show instruction-17
            """)

    @Argument(help: "The instruction's ID.")
    var instructionID: String

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.show(
            ControllerRequest(.showInstruction, ["instructionID": instructionID]), as: InstructionDocument.self, text: \.card)
    }
}
