import ArgumentParser
import ControllerAPI
import Glibc
import Identifiers
import Provider
import Sealing
import Server
import Store

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Puts a backup back, as a controller in a new epoch.",
        discussion: """
            The directory must be empty or not there, and no controller runs on it. Hosts that were heard after the backup was taken \
            number their messages anew and send everything.

            EXAMPLES
              quartermaster restore /var/backups/quartermaster-2026-11-21 --data-directory /var/lib/quartermaster
            """)

    @Argument(help: "The file that `quartermaster backup` made.", completion: .file())
    var file: String

    @Option(help: ArgumentHelp("Where database and keys are put.", valueName: "dir"), completion: .directory)
    var dataDirectory: String

    @OptionGroup var output: FormatOption

    func run() async throws {
        let directory = DataDirectory(absolutePath(dataDirectory))
        let login = UserDatabase.name(ofUser: getuid()) ?? "unknown"
        let controller = try await Restore(backup: absolutePath(file), directory: directory).run(by: .provider("\(login)(\(getuid()))"))
        let keys = try ControllerKeys.load(from: directory.keysPath)
        let document = RestoredController(controllerID: controller.id, fingerprint: keys.fingerprint, epoch: controller.epoch)
        try output.show(document) {
            var card = Card()
            card.line("Controller", document.controllerID.text)
            card.line("Fingerprint", document.fingerprint.description)
            card.line("Epoch", String(document.epoch))
            return card.text
        }
    }
}

/// What `restore` prints.
struct RestoredController: APIDocument {
    let controllerID: ControllerID
    let fingerprint: Fingerprint
    let epoch: Int64
}
