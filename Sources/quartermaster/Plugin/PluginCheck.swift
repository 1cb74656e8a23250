import ArgumentParser
import ControllerAPI
import PluginProtocol

struct PluginCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Holds a plug-in to the protocol, and says what does not hold. Needs no controller.",
        discussion: """
            The plug-in is quartermaster-plugin-NAME, searched for in QUARTERMASTER_PLUGIN_PATH, beside this program, and in \
            /usr/libexec/quartermaster. Exits with 1 where anything fails. What the plug-in logs goes to standard error with --verbose.

            EXAMPLES
              quartermaster plugin check tgt --option control-port=0
              quartermaster plugin check simulator --option state=/srv/array.json --write
            """)

    @Argument(help: "The plug-in's name, as in quartermaster-plugin-NAME.")
    var name: String

    @Option(help: ArgumentHelp("An option of the plug-in. Repeatable.", valueName: "name=value"))
    var option: [NamedValue] = []

    @Option(
        help: ArgumentHelp(
            "A secret option of the plug-in, from a file of mode 0600 (- is standard input). Repeatable.", valueName: "name=file"))
    var secretFile: [NamedValue] = []

    @Flag(help: "Also makes, grows, masks, copies and deletes volumes of its own, called quartermaster-check-….")
    var write = false

    @Flag(help: "Shows what the plug-in logs.")
    var verbose = false

    @OptionGroup var output: FormatOption

    func run() async throws {
        let options = try PluginOptions.read(option, secretFiles: secretFile)
        let isVerbose = verbose
        let report: ConformanceReport
        do throws(PluginFinder.Failure) {
            report = try await Conformance.run(name: name, options: options, allowWrites: write) { line in
                if isVerbose { Terminal.say(line) }
            }
        } catch {
            throw CommandFailure(Self.status(of: error), "\(error)")
        }
        switch output.format {
        case .json: Terminal.print(report.jsonText)
        case .text: Terminal.print(report.text)
        }
        guard report.holds else { throw CommandFailure(.failed, "plug-in \(name) does not hold to the protocol") }
    }

    private static func status(of failure: PluginFinder.Failure) -> ExitStatus {
        switch failure {
        case .badName: .usage
        case .notFound: .noInput
        case .notTrusted: .refused
        }
    }
}
