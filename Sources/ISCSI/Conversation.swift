/// One connection to a peer, spoken to its end: a pure state machine over bytes. It has no socket and no clock; whoever drives it connects, sends what
/// is in `output` after each call, hands over what came, in any cut, and keeps the deadline.
///
/// After `.done` or `.failed` the connection is closed; what `output` then holds (a logout, nothing more) may be sent or dropped. At a deadline
/// `ended()` is called too: an answer that is whole but for the farewell is still given.
package protocol Conversation: Sendable {
    associatedtype Answer: Sendable

    /// The connection stands.
    mutating func begin(_ output: inout [UInt8]) -> Turn<Answer>
    /// Bytes came. What is to be sent is appended to `output`.
    mutating func receive(_ input: UnsafeRawBufferPointer, _ output: inout [UInt8]) -> Turn<Answer>
    /// The other side closed or reset the connection, or the deadline passed.
    mutating func ended() -> Turn<Answer>
    /// The conversation to have on a new connection to the same address after `fault`; nil where another attempt would end like this one.
    ///
    /// At most one attempt follows another: what this returns returns nil in its turn.
    func again(after fault: ISCSIFault) -> Self?
}

extension Conversation {
    package func again(after fault: ISCSIFault) -> Self? { nil }

    package mutating func receive(_ input: [UInt8], _ output: inout [UInt8]) -> Turn<Answer> {
        input.withUnsafeBytes { receive($0, &output) }
    }
}

/// What a conversation wants next.
package enum Turn<Answer: Sendable>: Sendable {
    /// More bytes of the other side.
    case more
    case done(Answer)
    case failed(ISCSIFault)
}

extension Turn: Equatable where Answer: Equatable {}

extension Turn {
    func map<Other>(_ transform: (Answer) -> Other) -> Turn<Other> {
        switch self {
        case .more: .more
        case .done(let answer): .done(transform(answer))
        case .failed(let fault): .failed(fault)
        }
    }
}
