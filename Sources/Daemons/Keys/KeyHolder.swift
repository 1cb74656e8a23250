import Sealing
import Synchronization

/// The controller's keys as they are now: a rotation replaces them while others read.
package final class KeyHolder: Sendable {
    private let keys: Mutex<ControllerKeys>

    package init(_ keys: ControllerKeys) { self.keys = Mutex(keys) }

    package var current: ControllerKeys { keys.withLock { $0 } }
    package func replace(by new: ControllerKeys) { keys.withLock { $0 = new } }
}
