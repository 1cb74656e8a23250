/// How long a plug-in may take and how much it may say.
package struct PluginLimits: Equatable, Sendable {
    /// For the answer to `initialize`: the process has to start first.
    package var startDeadline: Duration = .seconds(30)
    /// For the answer to a read.
    package var readDeadline: Duration = .seconds(30)
    /// For the answer to a write; what takes longer answers with a task.
    package var writeDeadline: Duration = .seconds(60)
    /// Deadlines missed in a row before the process is ended.
    package var missedDeadlines = 3
    /// Lines that answer nothing, between two good answers, before the process is ended.
    package var badLines = 16
    /// The first pause before a process that ended badly is started again; each further one is twice as long.
    package var firstPause: Duration = .seconds(1)
    package var longestPause: Duration = .seconds(300)
    /// Between closing standard input and SIGKILL.
    package var grace: Duration = .seconds(10)
    package var maximumLineBytes = PluginProtocol.maximumLineBytes
    /// Calls that may wait for answers at a time; more are refused as `unavailable`.
    package var maximumCalls = 256
    /// Bytes kept of one line of standard error.
    package var logLineBytes = 2048
    /// Lines of standard error that are passed on in each `logWindow`; the rest is counted.
    package var logLines = 100
    package var logWindow: Duration = .seconds(10)

    package init() {}

    package func deadline(of method: String) -> Duration {
        switch PluginMethod(rawValue: method) {
        case .initialize: startDeadline
        case let known?: known.isWrite ? writeDeadline : readDeadline
        case nil: readDeadline
        }
    }
}
