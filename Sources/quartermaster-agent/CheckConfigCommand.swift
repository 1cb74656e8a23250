import AgentCore
import ArgumentParser
import StrictJSON

/// `quartermaster-agent check-config`: each fault of the configuration, with file, line, key and what is allowed.
struct CheckConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-config",
        abstract: "Prints each fault of the configuration: file, line, key and what is allowed there.",
        discussion: """
            A register.conf beside it, which a running agent registers this host with, is checked too, and so is the file with the secret that it \
            names, as far as this user can see it. What the units of the packages hide from the service, such as a secret below /tmp, /home or /root, is a \
            warning. Exit code 0 where there is none, 78 where there is one, 66 where a file that was named is missing.

            EXAMPLES
              quartermaster-agent check-config
              quartermaster-agent check-config --config ./agent.conf --format json
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "How to print the faults: text or json.")
    var format: OutputFormat = .text

    func run() throws {
        let file = try ConfigurationFile.load(common.configurationFile)
        var configuration = file.configuration
        if let stateDirectory = common.stateDirectory { configuration.stateDirectory = stateDirectory }
        let registration = RegistrationFile.path(besideConfiguration: common.configurationFile)
        let path = common.configurationFile ?? AgentConfiguration.defaultPath
        let places = [
            DaemonUser(of: configuration).readingFault(path, allowed: "mode 644: it holds no secret"), configuration.stateFault(in: path),
        ]
        let faults = file.faults + places.compactMap(\.self) + RegistrationFile.faults(registration, over: configuration)
        let warnings =
            [configuration.metricsWarning(in: path)].compactMap(\.self) + RegistrationFile.warnings(registration, over: configuration)
        switch format {
        case .json:
            try printDocument { document in
                document.member("faults", array: faults)
                document.member("warnings", array: warnings)
            }
        case .text:
            for fault in faults { try printLine(fault.description.printable) }
            for warning in warnings { try printLine("warning: \(warning)".printable) }
            if faults.isEmpty { try printLine("\(path): no fault") }
        }
        if !faults.isEmpty { throw ExitCode(ExitStatus.badConfiguration.rawValue) }
    }
}
