import AgentCore
import ArgumentParser

/// The options that every command takes, so that several agents can run on one machine.
struct CommonOptions: ParsableArguments {
    @Option(
        name: .customLong("config"),
        help: ArgumentHelp("The configuration file. Default: /etc/quartermaster/agent.conf", valueName: "file"),
        completion: .file())
    var configurationFile: String?

    @Option(
        help: ArgumentHelp(
            "Where keys and state are kept, a directory for each registration. Default: /var/lib/quartermaster-agent", valueName: "dir"),
        completion: .directory)
    var stateDirectory: String?

    @Option(
        help: ArgumentHelp("Read this root's sys, proc, run/udev and etc in place of the machine's own.", valueName: "dir"),
        completion: .directory)
    var sysroot: String?

    /// The same, for what goes on where the file has faults: what they are of keeps its default.
    func usableConfiguration() throws(AgentError) -> (configuration: AgentConfiguration, faults: [ConfigurationFault]) {
        var usable = try ConfigurationFile.usable(configurationFile)
        if let stateDirectory { usable.configuration.stateDirectory = stateDirectory }
        return usable
    }

    /// The configuration, with what these options say in place of the file's.
    func configuration() throws(AgentError) -> AgentConfiguration {
        var configuration = try ConfigurationFile.valid(configurationFile)
        if let stateDirectory { configuration.stateDirectory = stateDirectory }
        return configuration
    }
}
