import ISCSI

/// A conversation with a peer that sends these bytes, whole and in pieces of `cut` bytes: both end alike, and send the same.
func spoken<C: Conversation>(
    _ conversation: C, _ bytes: UnsafeRawBufferPointer, _ cut: Int
) -> (Turn<C.Answer>, sent: [UInt8]) where C.Answer: Equatable {
    let (whole, sent) = run(conversation, bytes, bytes.count)
    let (cutUp, sentCutUp) = run(conversation, bytes, cut)
    precondition(whole == cutUp && sent == sentCutUp, "a cut makes a difference")
    return (whole, sent)
}

private func run<C: Conversation>(_ conversation: C, _ bytes: UnsafeRawBufferPointer, _ cut: Int) -> (Turn<C.Answer>, [UInt8]) {
    var conversation = conversation
    var output: [UInt8] = []
    var turn = conversation.begin(&output)
    var place = 0
    while place < bytes.count, case .more = turn {
        let end = min(bytes.count, place + cut)
        turn = conversation.receive(UnsafeRawBufferPointer(rebasing: bytes[place..<end]), &output)
        place = end
    }
    if case .more = turn { turn = conversation.ended() }
    if case .more = turn { preconditionFailure("no end") }
    return (turn, output)
}

/// What a fault says can be shown.
func isSaid(_ text: String) {
    precondition(!text.isEmpty && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "a text that cannot be shown")
}
