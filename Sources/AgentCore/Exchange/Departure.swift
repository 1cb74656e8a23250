import Messages

/// Takes this host off a pad: tells the controller, waits for its word, and removes key and state.
package struct Departure: Sendable {
    package let context: AgentContext

    package init(context: AgentContext) { self.context = context }

    /// Says farewell, once. A registration that was refused has nobody to tell.
    package func sayFarewell(_ directory: RegistrationDirectory, reason: String?) throws(AgentError) {
        guard var exchange = try Exchange(directory, context: context), exchange.state.phase != .refused else { return }
        try exchange.connect()
        if exchange.state.phase == .leaving {
            try exchange.publishDue()
        } else {
            try exchange.leave(reason)
        }
    }

    /// True where the farewell was answered in time.
    package func wait(for directory: RegistrationDirectory, timeout: Duration) throws(AgentError) -> Bool {
        try Waiting(context: context).wait(for: directory, timeout: timeout) { state in
            state.phase == .refused || state.phase == .leaving && !state.isUnderway(.farewell)
        }
    }

    /// Removes key and state of this host; what the pad's controller knows stays there.
    package func remove(_ directory: RegistrationDirectory) throws(AgentError) {
        let lock = try directory.lock()
        defer { withExtendedLifetime(lock) {} }
        try directory.removeEverything(after: context.reached)
    }
}

extension Exchange {
    /// From here on nothing else is sent; that this host leaves is durable with the message.
    mutating func leave(_ reason: String?) throws(AgentError) {
        state.phase = .leaving
        state.outbox.removeAll()
        try post(.farewell(Farewell(reason: reason)))
    }
}

extension Departure {
    /// Says farewell, waits for the answer, and removes; throws `.noAnswer` where `timeout` is over first, and everything stays.
    package func leave(_ directory: RegistrationDirectory, reason: String?, timeout: Duration) throws(AgentError) {
        guard let pad = try directory.load()?.pad.directory else { return }
        try sayFarewell(directory, reason: reason)
        guard try wait(for: directory, timeout: timeout) else { throw .noAnswer(directory: pad, after: timeout.optionText) }
        try remove(directory)
    }
}
