import ArgumentParser

struct InstructionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "instruction", abstract: "What registered hosts are asked to do.",
        discussion: """
            EXAMPLES
              quartermaster instruction send host-… rescan --wait
              quartermaster instruction list host-…
            """,
        subcommands: [InstructionSend.self, InstructionList.self, InstructionShow.self])
}
