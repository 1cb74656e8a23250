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
    /// Empty for the machine's own; another root is where instructions are carried out, in tests.
    package var root: String
    /// Told of each durable step. A test throws to break off there.
    package var reached: @Sendable (Step) throws(AgentError) -> Void

    package init(
        clock: HostClock = .system, facts: FactsSource, log: Log, root: String = "",
        medium: @escaping @Sendable (String) throws(PadError) -> any PadMedium = AgentContext.directory,
        reached: @escaping @Sendable (Step) throws(AgentError) -> Void = { _ throws(AgentError) in }
    ) {
        self.clock = clock
        self.facts = facts
        self.log = log
        self.root = root
        self.medium = medium
        self.reached = reached
    }

    package static let directory: @Sendable (String) throws(PadError) -> any PadMedium = { path throws(PadError) in
        DirectoryMedium(path: path)
    }
}
