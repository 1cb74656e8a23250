import CLinux
import Files
import Glibc
import StrictJSON
import Synchronization

/// A plug-in as a process: started at the first call, talked to over its standard input and output, ended and started again when it
/// misbehaves.
///
/// One thread for each process does all reading, writing and waiting; callers are suspended tasks, so that a plug-in that hangs holds up
/// nobody else. `initialize` is sent first, with the options; secrets go nowhere else.
package final class PluginProcess: PluginChannel {
    typealias Answer = CheckedContinuation<Result<JSONValue, PluginCallError>, Never>

    /// What callers ask of the thread.
    enum Command {
        case call(token: Int, method: String, parameters: JSONValue, answer: Answer)
        case cancel(token: Int)
        case stop(CheckedContinuation<Void, Never>, grace: Duration)
    }

    struct Mailbox {
        var commands: [Command] = []
        var nextToken = 0
        /// Set while a thread serves the mailbox: wakes it.
        var wake: FileDescriptor?
        var restarts: PluginRestarts
        var isStopped = false
        var calls = 0
    }

    package let path: String
    package let limits: PluginLimits
    let options: [String: String]
    let log: @Sendable (String) -> Void
    let mailbox: Mutex<Mailbox>

    /// - Parameters:
    ///   - path: the executable, as `PluginFinder` found it.
    ///   - options: for `initialize`.
    ///   - log: gets the plug-in's standard error, bounded and cleaned, and what is put up with; called on the process's thread.
    package init(
        path: String, options: [String: String], limits: PluginLimits = PluginLimits(), log: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.path = path
        self.options = options
        self.limits = limits
        self.log = log
        mailbox = Mutex(Mailbox(restarts: PluginRestarts(limits: limits)))
    }

    /// Starts the process where it does not run, and returns what it answered to `initialize`.
    package func initialize() async throws(PluginCallError) -> PluginIdentity {
        let result = try await call(PluginMethod.initialize.rawValue, .object([:]))
        do throws(JSONError) {
            return try PluginIdentity(json: JSONFields(result))
        } catch {
            throw .malformed(method: PluginMethod.initialize.rawValue, error)
        }
    }

    package func call(_ method: String, _ parameters: JSONValue) async throws(PluginCallError) -> JSONValue {
        let token = mailbox.withLock { mailbox in
            mailbox.nextToken += 1
            return mailbox.nextToken
        }
        return try await withTaskCancellationHandler {
            await withCheckedContinuation { (answer: Answer) in
                if Task.isCancelled {
                    answer.resume(returning: .failure(.cancelled))
                } else if let refusal = post(.call(token: token, method: method, parameters: parameters, answer: answer)) {
                    answer.resume(returning: .failure(refusal))
                } else if Task.isCancelled {
                    // Cancelled in between: the handler below may have come before the call.
                    _ = post(.cancel(token: token))
                }
            }
        } onCancel: {
            _ = post(.cancel(token: token))
        }.get()
    }

    package func stop() async { await stop(grace: nil) }

    /// Closes standard input, waits for the grace period (the limits' own where nil), kills; returns when the process is reaped. No call
    /// succeeds after.
    package func stop(grace: Duration?) async {
        let grace = grace ?? limits.grace
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            if post(.stop(done, grace: grace)) != nil { done.resume() }
        }
    }

    private static func ring(_ wake: FileDescriptor) {
        var one: UInt64 = 1
        // Fails only where the counter is at its limit, and then the thread is awake anyway.
        _ = write(wake.number, &one, 8)
    }

    /// Hands a command to the thread, starting one where none runs; nil if it was taken.
    private func post(_ command: Command) -> PluginCallError? {
        mailbox.withLock { mailbox in
            if let refusal = mailbox.refusal(of: command, limits: limits) { return refusal }
            mailbox.commands.append(command)
            if case .stop = command { mailbox.isStopped = true }
            if let wake = mailbox.wake {
                Self.ring(wake)
                return nil
            }
            let number = quartermaster_eventfd()
            guard number >= 0 else {
                return mailbox.takeBack(.cannotStart(path: path, errno: errno))
            }
            let wake = FileDescriptor(owning: number, path: "eventfd")
            mailbox.wake = wake
            let result = Thread.start { [self] in PluginServing(process: self, wake: wake).run() }
            guard result == 0 else {
                mailbox.wake = nil
                return mailbox.takeBack(.cannotStart(path: path, errno: result))
            }
            return nil
        }
    }

}

extension PluginProcess.Mailbox {
    /// The last command could not be served after all.
    fileprivate mutating func takeBack(_ reason: PluginCallError) -> PluginCallError {
        if case .call = commands.removeLast() { calls -= 1 }
        return reason
    }

    fileprivate mutating func refusal(of command: PluginProcess.Command, limits: PluginLimits) -> PluginCallError? {
        switch command {
        case .call:
            if isStopped { return .stopped }
            if wake == nil, let refusal = restarts.refusal(at: MonotonicTime.now) { return refusal }
            if calls >= limits.maximumCalls {
                return .fault(PluginFault(.unavailable, "\(calls) calls are under way already; try again later"))
            }
            calls += 1
            return nil
        case .cancel:
            return wake == nil ? .cancelled : nil
        case .stop:
            if wake == nil {
                isStopped = true
                return .stopped
            }
            return nil
        }
    }
}
