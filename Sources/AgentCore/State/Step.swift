import Glibc

/// The durable steps of an exchange, in the order in which a message passes them. A crash after any of them loses nothing: tests break off at each.
package enum Step: String, Sendable, CaseIterable {
    case keyWritten = "key-written"
    case messageWritten = "message-written"
    case messageRecorded = "message-recorded"
    case messagePublished = "message-published"
    case publicationRecorded = "publication-recorded"
    case replyRead = "reply-read"
    case effectRecorded = "effect-recorded"
    case acknowledgementPublished = "acknowledgement-published"
    case stateRemoved = "state-removed"

    /// What happens at a step in production: nothing. In a debug build `QUARTERMASTER_CRASH_AT=STEP[:N]` kills the process the N-th time.
    package static func observer() -> @Sendable (Step) -> Void {
        #if DEBUG
            guard let value = getenv("QUARTERMASTER_CRASH_AT").map({ String(cString: $0) }) else { return { _ in } }
            let parts = value.split(separator: ":")
            let step = parts.first.flatMap { Step(rawValue: String($0)) }
            let wanted = parts.count > 1 ? Int(parts[1]) ?? 1 : 1
            let count = Count()
            return { reached in
                guard reached == step else { return }
                count.value += 1
                if count.value == wanted { kill(getpid(), SIGKILL) }
            }
        #else
            return { _ in }
        #endif
    }

    #if DEBUG
        /// Reached from the agent's one thread alone.
        private final class Count: @unchecked Sendable { var value = 0 }
    #endif
}
