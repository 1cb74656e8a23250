import ArgumentParser
import ControllerAPI
import Identifiers
import Server
import Store

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Makes a new controller: its authority, keys and database.",
        discussion: """
            The directory must be empty or not there. The fingerprint is what administrators give to \
            quartermaster-agent register --controller-key.

            EXAMPLES
              quartermaster init --data-directory /var/lib/quartermaster
              quartermaster init --data-directory DIR --format json
            """)

    @Option(help: ArgumentHelp("Where database and keys live.", valueName: "dir"), completion: .directory)
    var dataDirectory: String

    @OptionGroup var output: FormatOption

    func run() async throws {
        let made = try await Initialization(directory: DataDirectory(absolutePath(dataDirectory))).run()
        let document = NewController(controllerID: made.controllerID, fingerprint: made.fingerprint)
        try output.show(document) {
            var card = Card()
            card.line("Controller", document.controllerID.text)
            card.line("Fingerprint", document.fingerprint.description)
            return card.text
        }
    }
}

/// What `init` prints.
struct NewController: APIDocument {
    let controllerID: ControllerID
    let fingerprint: Fingerprint
}
