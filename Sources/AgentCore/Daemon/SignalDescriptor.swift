import CLinux
import Files
import Glibc

/// SIGTERM, SIGINT and SIGHUP as a descriptor to wait on, in place of handlers that interrupt.
package struct SignalDescriptor: Sendable {
    package enum Signal: Equatable, Sendable {
        case stop
        case reload
    }

    private static let signals = [SIGTERM, SIGINT, SIGHUP]

    private let file: FileDescriptor
    package var number: Int32 { file.number }

    /// Blocks the signals for this process.
    package init() throws(AgentError) {
        let descriptor = quartermaster_signal_descriptor(Self.signals, Int32(Self.signals.count))
        guard descriptor >= 0 else { throw .file(.system(operation: "wait for", path: "signals", errno: errno)) }
        file = FileDescriptor(owning: descriptor, path: "signals")
    }

    /// Takes those that are waiting; the next one does what it does to any program.
    package func release() {
        while next() != nil {}
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in Self.signals { sigaddset(&signals, signal) }
        sigprocmask(SIG_UNBLOCK, &signals, nil)
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
