import ArgumentParser

/// The options that every command takes, so that several agents can run on one machine.
struct CommonOptions: ParsableArguments {
    @Option(name: .customLong("config"), help: "The configuration file.", completion: .file())
    var configurationFile: String?

    @Option(help: "Where keys and state live, one directory for each registration.", completion: .directory)
    var stateDirectory: String?

    @Option(help: "Read this root's sys, proc, run/udev and etc in place of the machine's own.", completion: .directory)
    var sysroot: String?
}
