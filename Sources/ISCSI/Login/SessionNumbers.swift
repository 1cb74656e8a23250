/// The numbers of a session with one connection: its identifier, and the sequence numbers of requests and responses (RFC 7143 section 4.2.2).
struct SessionNumbers: Sendable {
    /// 6 bytes: type "random" (RFC 7143 section 11.12.5), three random bytes, a random qualifier.
    let identifier: [UInt8]
    /// Does not advance, as everything is sent for immediate delivery.
    private let commandSequence: UInt32 = 1
    private var expectedStatusSequence: UInt32 = 0
    private(set) var taskTag: UInt32 = 1

    init(random: RandomSource) { identifier = [0x80] + random.bytes(5) }

    /// Another task begins.
    mutating func nextTask() { taskTag &+= 1 }

    /// Writes tag and sequence numbers.
    func number(_ pdu: inout PDU) {
        pdu.initiatorTaskTag = taskTag
        pdu.commandSequence = commandSequence
        pdu.expectedStatusSequence = expectedStatusSequence
    }

    /// The status of `pdu` came.
    mutating func acknowledge(_ pdu: PDU) { expectedStatusSequence = pdu.statusSequence &+ 1 }
}
