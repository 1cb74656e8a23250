import ArgumentParser
import ControllerAPI
import Provider

struct SystemAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Adds a storage system; what it holds is discovered from then on.",
        discussion: """
            EXAMPLES
              quartermaster system add --plugin tgt --option control-port=0
              quartermaster system add --plugin simulator --option state=/srv/array.json --interval 10s
            """)

    @Option(help: ArgumentHelp("Which plug-in speaks its management interface.", valueName: "name"))
    var plugin: String

    @Option(help: ArgumentHelp("An option of the plug-in that is no secret. Repeatable.", valueName: "name=value"))
    var option: [NamedValue] = []

    @Option(
        help: ArgumentHelp(
            "A secret option of the plug-in, from a file of mode 0600 (- is standard input). Repeatable.", valueName: "name=file"))
    var secretFile: [NamedValue] = []

    @Option(help: ArgumentHelp("How often it is discovered.", valueName: "time"))
    var interval: TimeSpan?

    @OptionGroup var client: ClientOptions

    func run() async throws {
        let system = NewSystem(
            plugin: plugin, options: try PluginOptions.read(option, secretFiles: secretFile),
            intervalSeconds: interval.map { $0.milliseconds / 1_000 },
            shownOptions: option.map(\.name))
        try await client.show(ControllerRequest(.addSystem, body: system), as: SystemDocument.self, text: \.card)
    }

    func validate() throws {
        try interval?.require(StorageSystem.intervals, of: "--interval")
    }
}
