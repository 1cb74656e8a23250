import CLinux
import Files
import Glibc

/// SIGTERM, SIGINT and SIGHUP as a descriptor to wait on, in place of handlers that interrupt.
package struct SignalDescriptor: Sendable {
    package enum Signal: Equatable, Sendable {
        case stop
        case reload
    }

    private let file: FileDescriptor
    package var number: Int32 { file.number }

    /// Blocks the signals for this process.
    package init() throws(AgentError) {
        let signals = [SIGTERM, SIGINT, SIGHUP]
        let descriptor = quartermaster_signal_descriptor(signals, Int32(signals.count))
        guard descriptor >= 0 else { throw .file(.system(operation: "wait for", path: "signals", errno: errno)) }
        file = FileDescriptor(owning: descriptor, path: "signals")
    }

    /// Whether one is waiting that ends the daemon. Takes none.
    package var isStopWaiting: Bool {
        var waiting = sigset_t()
        guard sigpending(&waiting) == 0 else { return false }
        return sigismember(&waiting, SIGTERM) == 1 || sigismember(&waiting, SIGINT) == 1
    }

    /// The next one, nil where none is waiting.
    package func next() -> Signal? {
        switch quartermaster_read_signal(number) {
        case 0: nil
        case SIGHUP: .reload
        default: .stop
        }
    }
}
