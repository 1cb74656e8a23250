import AgentCore
import ArgumentParser
import StrictJSON

/// `quartermaster-agent check-config`: each fault of the configuration, with file, line, key and what is allowed.
struct CheckConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-config",
        abstract: "Prints each fault of the configuration: file, line, key and what is allowed there.",
        discussion: """
            Exit code 0 where there is none, 78 where there is one, 66 where a file that was named is missing.

            EXAMPLES
              quartermaster-agent check-config
              quartermaster-agent check-config --config ./agent.conf --format json
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "How to print the faults: text or json.")
    var format: OutputFormat = .text

    func run() throws {
        let file = try ConfigurationFile.load(common.configurationFile)
        switch format {
        case .json:
            try printDocument { $0.member("faults", array: file.faults) }
        case .text:
            for fault in file.faults { try printLine(fault.description.printable) }
            if file.faults.isEmpty { try printLine("\(common.configurationFile ?? AgentConfiguration.defaultPath): no fault") }
        }
        if !file.faults.isEmpty { throw ExitCode(ExitStatus.badConfiguration.rawValue) }
    }
}
