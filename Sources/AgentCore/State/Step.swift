import Glibc
import Synchronization

/// The durable steps of an exchange. A crash after any of them loses nothing: tests break off at each, and kill the program at each.
package enum Step: String, Sendable, CaseIterable {
    case keyWritten = "key-written"
    /// A registration's directory has its first state.
    case registrationCreated = "registration-created"
    /// The copy of an inventory, before the message that tells it.
    case inventoryWritten = "inventory-written"
    case messageWritten = "message-written"
    case messageRecorded = "message-recorded"
    case messagePublished = "message-published"
    case publicationRecorded = "publication-recorded"
    case replyRead = "reply-read"
    /// An instruction was carried out, and nothing says so yet.
    case taskDone = "task-done"
    case effectRecorded = "effect-recorded"
    case acknowledgementPublished = "acknowledgement-published"
    /// Any state, whatever it says: each replacement of `state.json`.
    case stateSaved = "state-saved"
    case stateRemoved = "state-removed"
    /// Of a registration that is being removed: one of the files that its state named.
    case fileRemoved = "file-removed"
    // On the pad.
    case padFileWritten = "pad-file-written"
    case padFileMoved = "pad-file-moved"
    case padFileRemoved = "pad-file-removed"
    case padFolderSynchronized = "pad-folder-synchronized"

    /// What happens at a step in production: nothing. In a debug build `QUARTERMASTER_CRASH_AT=STEP[:N]` kills the process the N-th time.
    package static func observer() -> @Sendable (Step) -> Void {
        #if DEBUG
            guard let value = getenv("QUARTERMASTER_CRASH_AT").map({ String(cString: $0) }) else { return { _ in } }
            let parts = value.split(separator: ":")
            let step = parts.first.flatMap { Step(rawValue: String($0)) }
            let wanted = parts.count > 1 ? Int(parts[1]) ?? 1 : 1
            let count = Count()
            return { reached in if reached == step, count.next() == wanted { kill(getpid(), SIGKILL) } }
        #else
            return { _ in }
        #endif
    }

    #if DEBUG
        private final class Count: Sendable {
            private let value = Mutex(0)
            func next() -> Int {
                value.withLock { value in
                    value += 1
                    return value
                }
            }
        }
    #endif
}
