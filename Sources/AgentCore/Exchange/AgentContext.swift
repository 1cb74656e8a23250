import Identifiers
import ScratchPad

/// What the agent works with besides its state: the seams, put together by a command or a test.
package struct AgentContext: Sendable {
    /// As messages name the program.
    package static let version = "0.1.0"

    package var clock: HostClock
    package var facts: FactsSource
    package var log: Log
    /// A pad's directory as a medium; the tests' simulation gives its own.
    package var medium: @Sendable (String) throws(PadError) -> any PadMedium
    /// How long a call on a pad may take; nil waits for ever, in the caller's thread.
    package var patience: PadPatience?
    /// Empty for the machine's own; another root is where instructions are carried out, in tests.
    package var root: String
    /// The root helper; nil where this process does by itself what takes root.
    package var privileged: PrivilegedClient?
    package var privilegedFacts: PrivilegedFactsCache?
    /// What was met, for `status` and the metrics.
    package var observations = Observations()
    /// How long this host is silent at most, while the daemon runs: told to the controller, for which a host that may be alive is no clone.
    package var heardWithin: Duration = .seconds(15 * 60)
    /// Of earlier processes; what is looked for once.
    package var leftOvers = LeftOvers()
    /// Told of each durable step. A test throws to break off there.
    package var reached: @Sendable (Step) throws(AgentError) -> Void

    package init(
        clock: HostClock = .system, facts: FactsSource, log: Log, root: String = "",
        medium: @escaping @Sendable (String) throws(PadError) -> any PadMedium = AgentContext.directory, patience: PadPatience? = nil,
        reached: @escaping @Sendable (Step) throws(AgentError) -> Void = { _ throws(AgentError) in }
    ) {
        self.clock = clock
        self.facts = facts
        self.log = log
        self.root = root
        self.medium = medium
        self.patience = patience
        self.reached = reached
    }

    /// The pad at a path, with calls that end.
    func pad(_ path: String) throws(PadError) -> any PadMedium {
        let medium = try medium(path)
        guard let patience else { return medium }
        return BoundedMedium(medium, path: path, patience: patience)
    }

    package static let directory: @Sendable (String) throws(PadError) -> any PadMedium = { path throws(PadError) in
        DirectoryMedium(path: path)
    }
}
