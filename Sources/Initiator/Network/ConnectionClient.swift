import ISCSI

/// Whoever gives a `ConnectionLoop` its work. All calls come from the loop's thread.
///
/// Addresses are asked for one by one, when there is room for another connection: a client that counts through a network holds no list.
package protocol ConnectionClient {
    associatedtype Talk: Conversation
    /// What a connection is for; handed back with its end.
    associatedtype Errand: Sendable

    /// The next connection to open; nil where there is none now.
    mutating func next(now: Int64) -> ConnectionRequest<Errand>?
    /// The connection stands, and this is said over it. Nil where nothing is to be said: then it is closed, and its end is `.connected`.
    mutating func connected(_ errand: inout Errand, local: SocketAddress?) -> Talk?
    /// A connection is over, whichever way. What is to be opened for its sake, `next` gives out afterwards.
    mutating func ended(_ errand: Errand, _ end: ConnectionEnd<Talk>)
    /// Called before each waiting, for what comes from elsewhere (names that were resolved) and for progress.
    mutating func pause(now: Int64) -> ConnectionPause
}

/// What a client waits for besides connections.
package struct ConnectionPause: Equatable, Sendable {
    /// The loop goes on though no connection is open.
    package var isWaiting = false
    /// When it wants to be called again at the latest.
    package var wakeAt: Int64?

    package init(isWaiting: Bool = false, wakeAt: Int64? = nil) { (self.isWaiting, self.wakeAt) = (isWaiting, wakeAt) }
}

/// A connection that a client wants.
package struct ConnectionRequest<Errand: Sendable>: Sendable {
    package var address: SocketAddress
    /// The interface that it must go out by; nil leaves that to the routes.
    package var interface: NetworkInterface?
    /// An address that was guessed: it has less time to answer, and is held back by the pace.
    package var isGuess: Bool
    /// It was tried before: the pace has counted it.
    package var isRepeated: Bool
    package var errand: Errand

    package init(
        _ address: SocketAddress, interface: NetworkInterface? = nil, isGuess: Bool = false, isRepeated: Bool = false, errand: Errand
    ) {
        self.address = address
        self.interface = interface
        self.isGuess = isGuess
        self.isRepeated = isRepeated
        self.errand = errand
    }
}

/// How a connection ended.
package enum ConnectionEnd<Talk: Conversation>: Sendable {
    case answered(Talk.Answer)
    /// It stood, and nothing was to be said.
    case connected
    /// What was said over it failed. The conversation may know another way (`Conversation.again`).
    case failed(ISCSIFault, Talk)
    /// No connection: the kernel's reason.
    case unreachable(errno: Int32)
    /// No answer to the connection in time.
    case silent
    /// The connection stood, and the conversation came to no end in time.
    case timedOut
    /// The loop ended first.
    case brokenOff
}
