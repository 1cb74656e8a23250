import AgentCore
import ArgumentParser
import StrictJSON

/// `quartermaster-agent unregister`: tells the controller, and removes key and state.
struct UnregisterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unregister",
        abstract: "Tells the controller that this host leaves, and removes its key and state.",
        discussion: """
            Key and state are removed when the controller has answered. Without an answer in time the exit code is 75 and everything stays: \
            run it again, or leave the rest to a running agent. --force removes them at once, with the pad gone too; the provider \
            then knows nothing of it, and removes the host itself.

            EXAMPLES
              quartermaster-agent unregister
              quartermaster-agent unregister --pad /mnt/pad --reason "decommissioned"
              quartermaster-agent unregister --force
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Leave this pad; needed where the host uses several.", valueName: "dir"), completion: .directory)
    var pad: String?

    @Option(help: ArgumentHelp("Leave this account; needed where the host has several on one pad.", valueName: "id"))
    var account: String?

    @Option(
        help: ArgumentHelp(
            "Leave with the registration in this directory below registrations/; with --force one that is damaged, too.", valueName: "name")
    )
    var registration: String?

    @Flag(help: "Leave every pad.")
    var all = false

    @Flag(help: "Remove key and state even where the controller cannot be told.")
    var force = false

    @Option(help: ArgumentHelp("What the provider is told.", valueName: "text"))
    var reason: String?

    @Option(help: ArgumentHelp("How long to wait for the answer.", valueName: "time"))
    var timeout: TimeSpan?

    @Option(help: "How to print what was done: text or json.")
    var format: OutputFormat = .text

    func run() throws {
        let configuration = try common.configuration()
        try common.actAsOwner(configuration)
        let stateDirectory = common.registrations(configuration)
        for left in try stateDirectory.removeLeftOvers() { Log.standardError(level: .warning).warning("\(left.text); \(left.remedy)") }
        let directories = try chosen(stateDirectory, configuration)
        let departure = Departure(context: common.context(configuration, timeout: timeout?.duration ?? .seconds(15)))
        for directory in directories {
            if force {
                try departure.remove(directory)
            } else {
                try departure.leave(directory, reason: reason, timeout: timeout?.duration ?? .seconds(15))
            }
        }
        switch format {
        case .json: try printDocument { $0.member("unregistered", directories.count) }
        case .text: try printLine("unregistered: key and state are removed")
        }
    }

    private func chosen(_ stateDirectory: StateDirectory, _ configuration: AgentConfiguration) throws -> [RegistrationDirectory] {
        var fault: AgentError?
        var directories: [RegistrationDirectory] = []
        for directory in try stateDirectory.registrations() {
            do throws(AgentError) {
                if try isMeant(directory) { directories.append(directory) }
            } catch {
                // Damaged: it may be the one that is meant, where no other is.
                fault = error
            }
        }
        if directories.isEmpty, let fault { throw fault }
        guard !directories.isEmpty else { throw AgentError.notRegistered(stateDirectory: configuration.stateDirectory) }
        guard directories.count == 1 || all else {
            throw AgentError.missing(
                option: "--pad, --account, --registration or --all", what: "this host has \(directories.count) registrations")
        }
        return directories
    }

    private func isMeant(_ directory: RegistrationDirectory) throws(AgentError) -> Bool {
        if let registration, directory.name != registration { return false }
        if pad == nil, account == nil { return true }
        guard let state = try directory.load() else { return false }
        return (pad == nil || state.pad.directory == pad.map(StateDirectory.padPath))
            && (account == nil || state.customer.accountID.text == account)
    }
}
