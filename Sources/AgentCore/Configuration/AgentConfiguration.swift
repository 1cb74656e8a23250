import Identifiers

/// What an administrator can set in `agent.conf`; a command's options go before it. The initial values are the defaults.
package struct AgentConfiguration: Equatable, Sendable {
    /// Where the file is looked for when no `--config` names one; its absence there is no fault.
    package static let defaultPath = "/etc/quartermaster/agent.conf"

    package var stateDirectory = "/var/lib/quartermaster-agent"
    package var logLevel = Log.Level.info
    /// Where the root helper listens.
    package var helperSocket = "/run/quartermaster-agent/helper.socket"
    /// Where the root helper keeps whose orders it takes.
    package var helperDirectory = "/var/lib/quartermaster-agent-helper"

    /// How much of the host is told: 2 host and initiators, 3 with devices and file systems, 4 with applications.
    package var level = 3
    /// Hosts that name the same cluster share volumes without conflict.
    package var cluster: String?
    /// How long `register` and `report --wait` wait for an answer.
    package var timeout = Duration.seconds(60)
    /// What `register` uses where its options leave something out.
    package var pad: String?
    package var account: AccountID?
    package var domain: String?
    package var user: String?
    package var passwordFile: String?
    package var tokenFile: String?
    package var controllerKey: Fingerprint?

    /// How often `run` compares the host's facts and looks for instructions, unless the controller set another interval.
    package var interval = Duration.seconds(60)
    package var freeSpaceInterval = Duration.seconds(15 * 60)
    /// Hundredths of a file system's size by which free space must have changed to be told before `freeSpaceInterval` is over.
    package var freeSpaceThreshold = 1
    /// Whether device events are waited for.
    package var events = true
    /// How long it must be quiet after an event before what changed is told.
    package var settle = Duration.seconds(2)
    /// How long events are gathered at most, however many more come.
    package var settleLimit = Duration.seconds(30)

    /// Faults of the file that may hide what a registration tells: while there is one, the agent sends none by itself.
    package var registrationFaults: [ConfigurationFault] = []

    package var limits = ResourceLimits()

    /// Where `run` writes its state for node_exporter's textfile collector; nil writes none.
    package var metricsFile: String?

    package init() {}

    /// The keys that a running daemon cannot take over, of those that are others than in `earlier`, which it began with.
    func keysForNextStart(since earlier: AgentConfiguration) -> [String] {
        var keys: [String] = []
        if stateDirectory != earlier.stateDirectory { keys.append("state-directory") }
        if helperSocket != earlier.helperSocket { keys.append("helper-socket") }
        if events != earlier.events { keys.append("events") }
        return keys + limits.keysForNextStart(since: earlier.limits)
    }
}
