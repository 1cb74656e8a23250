import CLinux
import Glibc
import Synchronization

/// Holds back the signals that would end the process, while a terminal's setting is changed: they end the waiting for input, and take their
/// course when `end` has been called.
struct Interruptions {
    /// Set from a signal handler, in which nothing but this is done. One process has one terminal.
    private static let caught = Atomic<Int32>(0)
    private static let signals = [SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGTSTP]

    private let formerActions: [sigaction]
    private let formerMask: sigset_t

    init() {
        Self.caught.store(0, ordering: .sequentiallyConsistent)
        var blocked = sigset_t()
        sigemptyset(&blocked)
        for signal in Self.signals { sigaddset(&blocked, signal) }
        var mask = sigset_t()
        sigprocmask(SIG_BLOCK, &blocked, &mask)
        formerMask = mask
        formerActions = Self.signals.map { signal in
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { Interruptions.caught.store($0, ordering: .sequentiallyConsistent) }
            var old = sigaction()
            sigaction(signal, &action, &old)
            return old
        }
    }

    /// Until there is something to read; false where a signal came first. The signals are let through while it waits, and only then.
    func waitForInput(_ descriptor: Int32) -> Bool {
        var mask = formerMask
        while Self.caught.load(ordering: .sequentiallyConsistent) == 0 {
            if quartermaster_wait_for_input(descriptor, &mask) > 0 || errno != EINTR { return true }
        }
        return false
    }

    /// As it was before; the signal that was caught is raised.
    func end() {
        for (signal, action) in zip(Self.signals, formerActions) {
            var action = action
            sigaction(signal, &action, nil)
        }
        let signal = Self.caught.exchange(0, ordering: .sequentiallyConsistent)
        if signal != 0 { raise(signal) }
        var mask = formerMask
        sigprocmask(SIG_SETMASK, &mask, nil)
    }
}
