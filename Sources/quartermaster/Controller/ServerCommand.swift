import ArgumentParser
import ControllerAPI
import Files
import Foundation
import Glibc
import Logging
import Server

struct ServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server", abstract: "Runs the controller in the foreground.",
        discussion: """
            Says "ready" on standard error when it serves. SIGTERM and SIGINT stop it. Without --config, \
            /etc/quartermaster/controller.yaml is read where it is there; options go before what it says.

            EXAMPLES
              quartermaster server --config /etc/quartermaster/controller.yaml
              quartermaster server --config controller.yaml --check
              quartermaster server --data-directory DIR --socket DIR/controller.sock
            """)

    @Option(help: ArgumentHelp("The configuration file.", valueName: "file"), completion: .file(extensions: ["yaml"]))
    var config: String?

    @Flag(help: "Only checks the configuration: each fault with file, line, key and what is allowed.")
    var check = false

    @Option(help: ArgumentHelp("Where database and keys live.", valueName: "dir"), completion: .directory)
    var dataDirectory: String?

    @Option(help: ArgumentHelp("Where the Unix socket is made.", valueName: "path"), completion: .file())
    var socket: String?

    @Option(
        help: ArgumentHelp("Directories that are searched for plug-ins first, separated by colons.", valueName: "dirs"),
        completion: .directory)
    var pluginPath: String?

    func run() async throws {
        let configuration = try read()
        if check {
            Terminal.print("\(config ?? Self.standardFile): nothing wrong")
            return
        }
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var logger = Logger(label: "quartermaster")
        logger.logLevel = configuration.logLevel
        do {
            let controller = try await Controller(configuration: configuration, logger: logger)
            try await controller.run { Terminal.say("ready") }
        } catch let error as CompositionError {
            throw CommandFailure(.configuration, error.description)
        }
    }

    static let standardFile = "/etc/quartermaster/controller.yaml"

    private func read() throws -> ControllerConfiguration {
        var configuration = ControllerConfiguration()
        if config != nil || access(Self.standardFile, F_OK) == 0 {
            configuration = try ConfigurationReader.read(config ?? Self.standardFile)
        } else if check {
            throw CommandFailure(.noInput, "there is no \(Self.standardFile); name the file with --config")
        }
        if let dataDirectory { configuration.dataDirectory = absolutePath(dataDirectory) }
        if let socket { configuration.socket = absolutePath(socket) }
        if let pluginPath {
            configuration.pluginPath = pluginPath.split(separator: ":").map { absolutePath(String($0)) } + configuration.pluginPath
        }
        return configuration
    }
}
