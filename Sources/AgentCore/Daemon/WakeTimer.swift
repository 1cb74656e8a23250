import CLinux
import Files
import Glibc

/// Becomes readable at a time since boot, sleep included: a machine that wakes after it wakes the daemon at once. poll(2)'s own timeout stands still
/// while the machine sleeps.
package struct WakeTimer: Sendable {
    private let file: FileDescriptor
    package var number: Int32 { file.number }

    package init() throws(AgentError) {
        let number = quartermaster_timer()
        guard number >= 0 else { throw .file(.system(operation: "make", path: "a timer", errno: errno)) }
        file = FileDescriptor(owning: number, path: "a timer")
    }

    /// At once where the time is past.
    package func set(_ time: Duration) throws(AgentError) {
        let parts = time.components
        guard quartermaster_timer_set(number, parts.seconds, parts.attoseconds / 1_000_000_000) == 0 else {
            throw .file(.system(operation: "set", path: file.path, errno: errno))
        }
    }
}
