import CLinux
import Files
import Glibc
import ISCSI

/// Opens connections and speaks over them: one thread, one epoll(7), a bounded number at a time.
///
/// A conversation is begun on the very connection that a scan opened. Each has a deadline, and so may the whole; an `interrupt` that becomes
/// readable (a signalfd(2)) ends everything tidily. State is that of the connections in flight.
package struct ConnectionLoop<Client: ConnectionClient> {
    /// Why the loop ended.
    package enum End: Equatable, Sendable {
        /// All is done.
        case finished
        case interrupted
        /// The time for the whole was over.
        case outOfTime
    }

    package var client: Client

    private let limits: ScanLimits
    private let interrupt: Int32?
    private let wake: Int32?
    private let poll: FileDescriptor
    private var slots: ConnectionSlots<Client.Talk, Client.Errand>
    private var pace: Pace
    /// Taken from the client, and held back by the pace or for want of room.
    private var waiting: ConnectionRequest<Client.Errand>?
    /// What one read takes, for all connections.
    private let buffer: ReadBuffer

    private static var interruptNumber: UInt64 { .max }
    private static var wakeNumber: UInt64 { .max - 1 }

    /// - Parameters:
    ///   - interrupt: a descriptor that becomes readable when everything is to end.
    ///   - wake: an eventfd(2) that is written to when the client's `pause` has something to do.
    package init(client: Client, limits: ScanLimits, interrupt: Int32? = nil, wake: Int32? = nil) throws(FileError) {
        self.client = client
        self.limits = limits
        (self.interrupt, self.wake) = (interrupt, wake)
        let descriptor = quartermaster_epoll()
        guard descriptor >= 0 else { throw .system(operation: "wait for", path: "connections", errno: errno) }
        poll = FileDescriptor(owning: descriptor, path: "connections")
        slots = ConnectionSlots(capacity: max(1, min(limits.inFlight, Self.descriptorLimit - 64)))
        pace = Pace(capacity: limits.silent, perSecond: limits.silentPerSecond, now: Instant.now())
        buffer = ReadBuffer()
        for (descriptor, number) in [(interrupt, Self.interruptNumber), (wake, Self.wakeNumber)] {
            guard let descriptor else { continue }
            guard watch(descriptor, number, quartermaster_readable, isNew: true) else {
                throw .system(operation: "wait for", path: "signals", errno: errno)
            }
        }
    }

    /// Until the client has no more, or is told to end.
    package mutating func run() throws(FileError) -> End {
        let end = limits.whole.map { Instant.now() + Instant.nanoseconds($0) }
        var events = [quartermaster_ready](repeating: quartermaster_ready(), count: 256)
        while true {
            var now = Instant.now()
            let pause = client.pause(now: now)
            let opening = open(now)
            if slots.count == 0, waiting == nil, opening == .noMore, !pause.isWaiting { return .finished }
            if let end, now >= end { return breakOff(.outOfTime) }
            var next = [slots.nextDeadline, pause.wakeAt, end].compactMap { $0 }.min()
            switch opening {
            case .more: next = now
            case .heldBack: next = min(next ?? .max, pace.nextAt)
            case .noMore: break
            }
            let count = quartermaster_epoll_wait(poll.number, &events, Int32(events.count), Self.milliseconds(until: next, from: now))
            if count < 0, errno != EINTR { throw .system(operation: "wait for", path: "connections", errno: errno) }
            now = Instant.now()
            for event in events.prefix(Int(max(count, 0))) {
                switch event.number {
                case Self.interruptNumber: return breakOff(.interrupted)
                case Self.wakeNumber: clearWake()
                default: if let index = slots.index(of: event.number) { serve(index, event.readiness, now) }
                }
            }
            while let index = slots.expired(now: now) { expire(index) }
        }
    }

    // MARK: Opening

    /// So many are opened before it is looked what came of them: where answers come at once, few places are ever taken.
    private static var batch: Int { 64 }

    /// Whether there is more to open now, and why not.
    private enum Opening { case more, heldBack, noMore }

    /// As many as there is room for, up to a batch.
    private mutating func open(_ now: Int64) -> Opening {
        for _ in 0..<Self.batch {
            if slots.isFull { return .noMore }
            guard let request = waiting ?? client.next(now: now) else { return .noMore }
            waiting = nil
            if request.isGuess, !request.isRepeated, !pace.take(now: now) {
                waiting = request
                return .heldBack
            }
            switch ConnectionSocket.open(request.address, by: request.interface) {
            case .underWay(let descriptor):
                let kind: ConnectionSlots<Client.Talk, Client.Errand>.Kind = request.isGuess ? .guess : .dialled
                let time = request.isGuess ? limits.scan : limits.connect
                let index = slots.take(
                    descriptor, kind, deadline: now + Instant.nanoseconds(time), isGuess: request.isGuess, errand: request.errand)
                guard watch(descriptor, slots.number(of: index), quartermaster_writable, isNew: true) else {
                    finish(index, .unreachable(errno: errno))
                    continue
                }
            case .refused(let reason):
                if request.isGuess { pace.giveBack() }
                client.ended(request.errand, .unreachable(errno: reason))
            case .exhausted(let reason):
                if request.isGuess { pace.giveBack() }
                guard slots.count > 0 else {
                    client.ended(request.errand, .unreachable(errno: reason))
                    continue
                }
                // As many as there are now is what this host has room for.
                waiting = request
                slots.capacity = slots.count
                return .noMore
            }
        }
        return .more
    }

    // MARK: Events

    private mutating func serve(_ index: Int, _ readiness: UInt32, _ now: Int64) {
        guard let exchange = slots[index].exchange else { return stand(index, now) }
        if readiness & (quartermaster_readable.rawValue | quartermaster_ended.rawValue) != 0 {
            receive(index, exchange)
        } else if readiness & quartermaster_writable.rawValue != 0 {
            guard send(index, exchange) else { return end(index, exchange, exchange.talk.ended()) }
            listen(index, exchange)
        }
    }

    /// The connection came to stand, or did not.
    private mutating func stand(_ index: Int, _ now: Int64) {
        let descriptor = slots[index].descriptor
        let reason = ConnectionSocket.outcome(descriptor)
        if slots[index].isGuess { pace.giveBack() }
        guard reason == 0, var errand = slots[index].errand else { return finish(index, .unreachable(errno: reason)) }
        let talk = client.connected(&errand, local: SocketAddress(localEndOf: descriptor))
        slots[index].errand = errand
        guard let talk else { return finish(index, .connected) }
        ConnectionSocket.sendAtOnce(descriptor)
        slots.move(index, to: .conversing, deadline: now + Instant.nanoseconds(limits.conversation))
        let exchange = ConnectionSlots<Client.Talk, Client.Errand>.Exchange(talk)
        slots[index].exchange = exchange
        let turn = exchange.talk.begin(&exchange.output)
        take(turn, index, exchange, mustListen: true)
    }

    private mutating func receive(_ index: Int, _ exchange: ConnectionSlots<Client.Talk, Client.Errand>.Exchange) {
        let count = buffer.read(slots[index].descriptor)
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        // Closed or reset: what the conversation makes of it depends on how far it had come.
        guard count > 0 else { return end(index, exchange, exchange.talk.ended()) }
        let wasSending = !exchange.output.isEmpty
        let turn = exchange.talk.receive(buffer.bytes(count), &exchange.output)
        take(turn, index, exchange, mustListen: wasSending)
    }

    /// Sends what there is to send, whatever the conversation says: a farewell is part of an answer's manners.
    private mutating func take(
        _ turn: Turn<Client.Talk.Answer>, _ index: Int, _ exchange: ConnectionSlots<Client.Talk, Client.Errand>.Exchange, mustListen: Bool
    ) {
        let isOpen = send(index, exchange)
        guard case .more = turn else { return end(index, exchange, turn) }
        guard isOpen else { return end(index, exchange, exchange.talk.ended()) }
        if mustListen || !exchange.output.isEmpty { listen(index, exchange) }
    }

    /// From now on for what comes, and, where something is still to be sent, for room to do so.
    private func listen(_ index: Int, _ exchange: ConnectionSlots<Client.Talk, Client.Errand>.Exchange) {
        let sending = exchange.output.isEmpty ? 0 : quartermaster_writable.rawValue
        _ = watch(
            slots[index].descriptor, slots.number(of: index), quartermaster_readiness(quartermaster_readable.rawValue | sending),
            isNew: false)
    }

    private mutating func end(
        _ index: Int, _ exchange: ConnectionSlots<Client.Talk, Client.Errand>.Exchange, _ turn: Turn<Client.Talk.Answer>
    ) {
        switch turn {
        case .done(let answer): finish(index, .answered(answer))
        case .failed(let fault): finish(index, .failed(fault, exchange.talk))
        // A conversation that does not know its own end has none.
        case .more: finish(index, .failed(.ended(during: .login), exchange.talk))
        }
    }

    /// False where the connection is gone.
    private func send(_ index: Int, _ exchange: ConnectionSlots<Client.Talk, Client.Errand>.Exchange) -> Bool {
        let descriptor = slots[index].descriptor
        while exchange.sent < exchange.output.count {
            let sent = exchange.sent
            let count = exchange.output.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count < 0 {
                if errno == EINTR { continue }
                return errno == EAGAIN
            }
            exchange.sent += count
        }
        exchange.output.removeAll(keepingCapacity: true)
        exchange.sent = 0
        return true
    }

    private mutating func expire(_ index: Int) {
        guard let exchange = slots[index].exchange else { return finish(index, .silent) }
        if case .done(let answer) = exchange.talk.ended() { return finish(index, .answered(answer)) }
        finish(index, .timedOut)
    }

    private mutating func finish(_ index: Int, _ end: ConnectionEnd<Client.Talk>) {
        let (descriptor, errand) = (slots[index].descriptor, slots[index].errand)
        // It leaves the epoll set with its last descriptor.
        close(descriptor)
        slots.release(index)
        if let errand { client.ended(errand, end) }
    }

    private mutating func breakOff(_ end: End) -> End {
        if let request = waiting { client.ended(request.errand, .brokenOff) }
        waiting = nil
        while let index = slots.any { finish(index, .brokenOff) }
        return end
    }

    // MARK: epoll

    private func watch(_ descriptor: Int32, _ number: UInt64, _ readiness: quartermaster_readiness, isNew: Bool) -> Bool {
        quartermaster_epoll_watch(poll.number, descriptor, number, readiness.rawValue, isNew ? 1 : 0) == 0
    }

    private func clearWake() {
        guard let wake else { return }
        var value: UInt64 = 0
        _ = read(wake, &value, 8)
    }

    /// Rounded up, so that a deadline is past when it is looked at; -1 is for ever.
    private static func milliseconds(until deadline: Int64?, from now: Int64) -> Int32 {
        guard let deadline else { return -1 }
        return Int32(clamping: max(0, (deadline - now + 999_999) / 1_000_000))
    }

    private static var descriptorLimit: Int {
        var limit = rlimit()
        guard getrlimit(Int32(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        return Int(clamping: limit.rlim_cur)
    }
}
