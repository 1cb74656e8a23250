import Identifiers

/// Looks at a pad until a registration's state is as wanted: what `register`, `report --wait` and `unregister` do while they wait. The lock is
/// let go between looks, so that a running daemon may do the work just as well.
package struct Waiting: Sendable {
    package private(set) var context: AgentContext

    package init(context: AgentContext) { self.context = context }

    /// False where `timeout` was over first. A pad that goes away meanwhile is waited for; a header that is not believed is thrown.
    package func wait(
        for directory: RegistrationDirectory, timeout: Duration, until isDone: (RegistrationState) -> Bool
    ) throws(AgentError) -> Bool {
        let begin = context.clock.uptime()
        var waiting = self
        waiting.context.patience?.end = .now + timeout
        var seen = SeenFiles()
        var conditions = Conditions()
        var isFirst = true
        while true {
            var pause = Duration.milliseconds(50)
            do throws(AgentError) {
                guard let (state, poll) = try waiting.look(directory, &seen, isFirst: isFirst) else { return true }
                isFirst = false
                if isDone(state) { return true }
                pause = Backoff.look(waited: context.clock.uptime() - begin, poll: poll, longest: max(poll / 4, .seconds(1)))
                if conditions.clear("pad") { context.log.info("the pad \(state.pad.directory) can be used again") }
            } catch .busy {
                // Another process has its turn.
            } catch .padUnavailable(let pad, let reason) {
                let text = "\(AgentError.padUnavailable(directory: pad, reason: reason))"
                if let text = conditions.raise("pad", text) { context.log.warning(text) }
                pause = .milliseconds(250)
            } catch .padSilent(let pad) {
                if let text = conditions.raise("pad", "\(AgentError.padSilent(directory: pad))") { context.log.warning(text) }
                pause = .milliseconds(250)
            } catch .cannotPublish(let pad, let reason, _) {
                let text = "\(AgentError.cannotPublish(directory: pad, reason: reason))"
                if let text = conditions.raise("pad", text) { context.log.warning(text) }
                pause = .milliseconds(250)
            }
            let rest = timeout - (context.clock.uptime() - begin)
            if rest <= .zero { return false }
            context.clock.pause(min(pause, rest))
        }
    }

    /// One look: nil where the registration is gone.
    private func look(
        _ directory: RegistrationDirectory, _ seen: inout SeenFiles, isFirst: Bool
    ) throws(AgentError) -> (RegistrationState, Duration)? {
        guard var exchange = try Exchange(directory, context: context) else { return nil }
        try exchange.connect()
        try exchange.receive(&seen)
        try exchange.publishDue(isAsked: isFirst)
        return (exchange.state, exchange.poll)
    }
}
