import Files
import Glibc
import StrictJSON

/// The life of one plug-in process on its thread, from start to reaping.
struct PluginServing: ~Copyable {
    private let process: PluginProcess
    private let wake: FileDescriptor
    private var conversation: PluginConversation
    private var framer: LineFramer
    private var logLimiter: LogLimiter
    private var outgoing: [UInt8] = []
    /// Calls by the conversation's ID; `initialize` of our own has none.
    private var waiting: [Int64: (token: Int, answer: PluginProcess.Answer)] = [:]
    /// Calls that came before `initialize` was answered.
    private var held: [(token: Int, method: String, parameters: JSONValue, answer: PluginProcess.Answer)] = []
    private var initializeID: Int64?
    private var identity: JSONValue?
    private var stops: [CheckedContinuation<Void, Never>] = []
    /// Why it is being ended; nil while it runs.
    private var ending: PluginCallError?
    private var killAt: Duration?
    private var grace: Duration
    private var isKilled = false

    init(process: PluginProcess, wake: FileDescriptor) {
        self.process = process
        self.wake = wake
        conversation = PluginConversation(limits: process.limits)
        grace = process.limits.grace
        framer = LineFramer(limit: process.limits.maximumLineBytes)
        logLimiter = LogLimiter(limits: process.limits)
    }

    consuming func run() {
        var child: PluginChild
        do throws(PluginCallError) {
            child = try PluginChild(path: process.path)
        } catch {
            takeCommands()
            leave(error)
            return
        }
        let options = JSONObject(process.options.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
        let parameters: JSONValue = .object(["protocol": .integer(PluginProtocol.version), "options": .object(options)])
        let (id, action) = conversation.send(PluginMethod.initialize.rawValue, parameters, at: MonotonicTime.now)
        initializeID = id
        perform([action])
        var hasEnded = false
        while !hasEnded { hasEnded = step(&child) }
        drain(child.output, child.log)
        let how = child.reap()
        let words = logLimiter.lastLine.map { "; its log's last line is: \($0.prefix(200))" } ?? ""
        leave(ending ?? .ended(how: how + words))
    }

    /// One wait and what follows from it; true when the process has ended.
    private mutating func step(_ child: inout PluginChild) -> Bool {
        takeCommands()
        if ending != nil, child.input != nil {
            child.input = nil
            killAt = MonotonicTime.now + (isViolation ? .zero : grace)
        }
        var descriptors = [
            pollfd(fd: wake.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: child.end.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: child.output.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: child.log.number, events: Int16(POLLIN), revents: 0),
        ]
        if let input = child.input, !outgoing.isEmpty {
            descriptors.append(pollfd(fd: input.number, events: Int16(POLLOUT), revents: 0))
        }
        if outputClosed { descriptors[2].fd = -1 }
        if logClosed { descriptors[3].fd = -1 }
        let deadline = killAt ?? conversation.nextDeadline
        if poll(&descriptors, nfds_t(descriptors.count), isKilled ? -1 : MonotonicTime.milliseconds(until: deadline)) < 0, errno != EINTR {
            // Only a lack of kernel memory is left as a reason: without a wait there is no way to go on with this process.
            ending = ending ?? .cannotStart(path: process.path, errno: errno)
            child.killGroup()
            return true
        }
        let now = MonotonicTime.now
        if descriptors[0].revents != 0 {
            var count: UInt64 = 0
            _ = Glibc.read(wake.number, &count, 8)
        }
        if descriptors[3].revents != 0 { readLog(child.log, at: now) }
        if descriptors[2].revents != 0 { readOutput(child.output) }
        if descriptors.count > 4, descriptors[4].revents != 0, let input = child.input { writeOutgoing(input) }
        if ending == nil { perform(conversation.tick(at: now)) }
        if let killAt, killAt <= now, !isKilled {
            isKilled = true
            child.killGroup()
        }
        return descriptors[1].revents != 0
    }

    private var outputClosed = false
    private var logClosed = false
    private var isViolation: Bool { if case .violated = ending { true } else { false } }

    // MARK: Reading and writing

    private mutating func readOutput(_ output: FileDescriptor) {
        guard let bytes = Self.read(output) else {
            outputClosed = true
            return
        }
        guard ending == nil else { return }
        for piece in framer.append(bytes) where ending == nil { perform(conversation.received(piece)) }
    }

    private mutating func readLog(_ log: FileDescriptor, at now: Duration) {
        guard let bytes = Self.read(log) else {
            logClosed = true
            return
        }
        for line in logLimiter.append(bytes, at: now) { process.log(line) }
    }

    /// What the process wrote before it ended; no more than a pipe holds.
    private mutating func drain(_ output: FileDescriptor, _ log: FileDescriptor) {
        for _ in 0..<32 where !logClosed { if !Self.isReadable(log) { break } else { readLog(log, at: MonotonicTime.now) } }
        for _ in 0..<32 where !outputClosed { if !Self.isReadable(output) { break } else { readOutput(output) } }
        for line in logLimiter.summary() { process.log(line) }
    }

    private mutating func writeOutgoing(_ input: FileDescriptor) {
        let count = outgoing.withUnsafeBytes { Glibc.write(input.number, $0.baseAddress, $0.count) }
        if count > 0 {
            outgoing.removeFirst(count)
        } else if count < 0, errno != EAGAIN, errno != EINTR {
            // Nobody reads: the end of the process, or its deadlines, will tell.
            outgoing = []
        }
    }

    private static func isReadable(_ descriptor: FileDescriptor) -> Bool {
        var one = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
        return poll(&one, 1, 0) > 0 && one.revents & Int16(POLLIN) != 0
    }

    /// Up to 64 KiB; empty where nothing is there now, nil at the end.
    private static func read(_ descriptor: FileDescriptor) -> [UInt8]? {
        var result = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, count in
            result = Glibc.read(descriptor.number, buffer.baseAddress, buffer.count)
            count = max(0, result)
        }
        // Only what failed has set errno.
        if result < 0 { return errno == EAGAIN || errno == EINTR ? [] : nil }
        return result == 0 ? nil : bytes
    }

    // MARK: Calls

    private mutating func takeCommands() {
        let commands = process.mailbox.withLock { mailbox in
            defer { mailbox.commands = [] }
            return mailbox.commands
        }
        for command in commands {
            switch command {
            case .call(let token, let method, let parameters, let answer):
                if let ending {
                    finish(answer, .failure(ending))
                } else if method == PluginMethod.initialize.rawValue, let identity {
                    finish(answer, .success(identity))
                } else if identity == nil {
                    held.append((token, method, parameters, answer))
                } else {
                    send(token, method, parameters, answer)
                }
            case .cancel(let token):
                if let index = held.firstIndex(where: { $0.token == token }) {
                    finish(held.remove(at: index).answer, .failure(.cancelled))
                } else if let id = waiting.first(where: { $0.value.token == token })?.key {
                    perform(conversation.cancel(id))
                }
            case .stop(let done, let grace):
                stops.append(done)
                self.grace = min(self.grace, grace)
                if let killAt { self.killAt = min(killAt, MonotonicTime.now + grace) }
                end(.stopped)
            }
        }
    }

    private mutating func send(_ token: Int, _ method: String, _ parameters: JSONValue, _ answer: PluginProcess.Answer) {
        let (id, action) = conversation.send(method, parameters, at: MonotonicTime.now)
        waiting[id] = (token, answer)
        perform([action])
    }

    private mutating func perform(_ actions: [PluginConversation.Action]) {
        for action in actions {
            switch action {
            case .write(let bytes): outgoing += bytes
            case .finish(let id, let result) where id == initializeID: initialized(result)
            case .finish(let id, let result):
                if let call = waiting.removeValue(forKey: id) { finish(call.answer, result) }
            case .end(let violation): end(.violated(violation))
            case .note(let text): process.log("(\(text))")
            }
        }
    }

    private mutating func initialized(_ result: Result<JSONValue, PluginCallError>) {
        initializeID = nil
        switch result {
        case .failure(let error): end(error)
        case .success(let value):
            do throws(JSONError) {
                _ = try PluginIdentity(json: JSONFields(value))
            } catch {
                return end(.malformed(method: PluginMethod.initialize.rawValue, error))
            }
            identity = value
            let calls = held
            held = []
            for call in calls {
                if call.method == PluginMethod.initialize.rawValue {
                    finish(call.answer, .success(value))
                } else {
                    send(call.token, call.method, call.parameters, call.answer)
                }
            }
        }
    }

    private mutating func end(_ reason: PluginCallError) {
        guard ending == nil else { return }
        ending = reason
        failAll(reason)
    }

    private mutating func failAll(_ reason: PluginCallError) {
        for case .finish(let id, let result) in conversation.ended(reason) {
            if let call = waiting.removeValue(forKey: id) { finish(call.answer, result) }
        }
        for call in held { finish(call.answer, .failure(reason)) }
        held = []
    }

    private func finish(_ answer: PluginProcess.Answer, _ result: Result<JSONValue, PluginCallError>) {
        process.mailbox.withLock { $0.calls -= 1 }
        answer.resume(returning: result)
    }

    /// The end: whoever waits is told, the pause begins, and the next call may start a new process.
    private consuming func leave(_ reason: PluginCallError) {
        failAll(reason)
        let hasWorked = conversation.hasWorked
        while true {
            let isDone = process.mailbox.withLock { mailbox in
                guard mailbox.commands.isEmpty else { return false }
                mailbox.wake = nil
                if reason != .stopped {
                    mailbox.restarts.failed(at: MonotonicTime.now, hasWorked: hasWorked, because: reason.description)
                }
                return true
            }
            if isDone { break }
            ending = ending ?? reason
            takeCommands()
        }
        for done in stops { done.resume() }
    }
}
