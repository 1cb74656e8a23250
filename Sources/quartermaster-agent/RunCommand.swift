import AgentCore
import ArgumentParser

/// `quartermaster-agent run`: the daemon.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs as a daemon: reports on device events and at the interval, and carries out instructions.",
        discussion: """
            Stays in the foreground and writes its messages to standard error. SIGTERM stops it, SIGHUP reads the configuration again; a \
            file with faults changes nothing then, and at the start what is at fault keeps its default. Under systemd it tells when it is ready (Type=notify) and feeds the watchdog.

            A register.conf beside the configuration makes it register this host by itself: the keys of [registration] in agent.conf, with \
            password-file or token-file, whose file it removes when the controller has accepted. A running daemon sees it within its interval.

            EXAMPLES
              quartermaster-agent run
              quartermaster-agent run --config ./agent.conf --state-directory ./state
            """)

    @OptionGroup var common: CommonOptions

    func run() throws {
        let (configuration, faults) = try common.usableConfiguration()
        let common = common
        try common.actAsOwner(configuration)
        var daemon = try Daemon(
            stateDirectory: common.registrations(configuration), configuration: configuration, context: common.context(configuration),
            notification: .fromEnvironment(), hasDeviceEvents: common.sysroot == nil,
            registrationFile: RegistrationFile.path(besideConfiguration: common.configurationFile),
            reload: { () throws(AgentError) in try common.configuration() })
        daemon.tell(faults)
        try daemon.run()
    }
}
