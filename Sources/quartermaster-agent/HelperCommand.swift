import AgentCore
import ArgumentParser

/// `quartermaster-agent helper`: one request of the daemon, answered as root. The service manager starts it.
struct HelperCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "helper",
        abstract: "Answers one request of the daemon as root, on the socket that the service manager hands over.",
        discussion: """
            Started by quartermaster-agent-helper.socket, once for each request. It does what is in its list and nothing else: read facts that only \
            root can read, have the buses scanned where the controller's signature orders it, hand over and remove the secret of an \
            unattended registration. Whose orders it takes, root says: controller-key in agent.conf or register.conf, or register run as root.
            """,
        shouldDisplay: false)

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Who may ask besides root.", valueName: "name"))
    var user = "quartermaster-agent"

    func run() throws {
        let descriptor = try PrivilegedServer.inherited()
        let server = PrivilegedServer(
            user: user, configurationPath: common.configurationFile, root: common.sysroot ?? "",
            log: .standardError(level: .info, identifier: "quartermaster-agent-helper"))
        try server.serve(descriptor)
    }
}
