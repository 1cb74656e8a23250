import CLinux
import Glibc

/// What Ctrl-C and its like (SIGINT, SIGTERM, SIGHUP) do to a command that changes something. Before it has begun, one ends it at once, which says that
/// nothing was changed. While something is half-done, the first is kept until a step is over, and the second ends the process at once.
package struct Interruption: Sendable {
    /// What is said, in lines without their ends: of the first signal, and of the second.
    package struct Texts: Hashable, Sendable {
        var first: String
        var again: String

        package init(_ first: String, again: String) { (self.first, self.again) = (first, again) }
    }

    /// From here on the first signal is kept.
    package var hold: @Sendable (Texts) -> Void
    /// The signal that was kept; 0 where none was.
    package var caught: @Sendable () -> Int32

    package init(hold: @escaping @Sendable (Texts) -> Void, caught: @escaping @Sendable () -> Int32) {
        (self.hold, self.caught) = (hold, caught)
    }

    /// Signals do what they do to any program.
    package static let none = Interruption(hold: { _ in }, caught: { 0 })

    /// Of this process.
    package static let process = Interruption(
        hold: { quartermaster_on_interruption(1, "\($0.first)\n", "\($0.again)\n") }, caught: { quartermaster_caught_interruption() })

    /// From here on a signal ends this process at once, and `text` is said. One that was kept stays so until `hold`.
    package static func allow(_ text: String) { quartermaster_on_interruption(0, "\(text)\n", "") }

    /// Throws `.signalled` where one was kept.
    package func check() throws(SetupError) {
        let signal = caught()
        if signal != 0 { throw .signalled(signal) }
    }

    /// Ends this process as the signal that was kept would have; returns where none was.
    package static func endProcess() {
        let signal = quartermaster_caught_interruption()
        if signal != 0 { quartermaster_end_by(signal) }
    }

    static func name(_ signal: Int32) -> String {
        [SIGINT: "SIGINT", SIGTERM: "SIGTERM", SIGHUP: "SIGHUP"][signal] ?? "signal \(signal)"
    }
}
