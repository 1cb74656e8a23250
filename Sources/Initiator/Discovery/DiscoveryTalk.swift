import ISCSI

/// Any of the conversations that a discovery has, and of those that are had alone (`SingleConversation`).
package enum DiscoveryTalk: Conversation {
    case list(SendTargetsConversation)
    case query(ISNSQuery)
    case probe(SecurityProbe)
    case check(CredentialCheck)
    case registration(ISNSRegistration)
    /// While one of the others changes.
    case taken

    package enum Answer: Sendable {
        case targets([DiscoveredTarget], unusable: [UnusableEntry], algorithm: CHAPAlgorithm?, bounds: [ReachedBound] = [])
        case security(SecurityProbe.Answer)
        case checked(CredentialCheck.Answer)
        case registered(ISNSRegistration.Answer)
    }

    package mutating func begin(_ output: inout [UInt8]) -> Turn<Answer> { step(.begin, &output) }

    package mutating func receive(_ input: UnsafeRawBufferPointer, _ output: inout [UInt8]) -> Turn<Answer> { step(.input(input), &output) }

    package mutating func ended() -> Turn<Answer> {
        var nothing: [UInt8] = []
        return step(.end, &nothing)
    }

    package func again(after fault: ISCSIFault) -> DiscoveryTalk? {
        switch self {
        case .list(let talk): talk.again(after: fault).map(DiscoveryTalk.list)
        case .query(let talk): talk.again(after: fault).map(DiscoveryTalk.query)
        case .probe(let talk): talk.again(after: fault).map(DiscoveryTalk.probe)
        case .check(let talk): talk.again(after: fault).map(DiscoveryTalk.check)
        case .registration(let talk): talk.again(after: fault).map(DiscoveryTalk.registration)
        case .taken: nil
        }
    }

    private enum Event {
        case begin
        case input(UnsafeRawBufferPointer)
        case end
    }

    private mutating func step(_ event: Event, _ output: inout [UInt8]) -> Turn<Answer> {
        switch self {
        case .list(var talk):
            // Taken out of its case while it changes, so that it is not copied.
            self = .taken
            defer { self = .list(talk) }
            return Self.turn(&talk, event, &output) {
                .targets($0.targets, unusable: $0.unusable, algorithm: $0.algorithm, bounds: $0.bounds)
            }
        case .query(var talk):
            self = .taken
            defer { self = .query(talk) }
            return Self.turn(&talk, event, &output) { .targets($0.targets, unusable: $0.unusable, algorithm: nil, bounds: $0.bounds) }
        case .probe(var talk):
            self = .taken
            defer { self = .probe(talk) }
            return Self.turn(&talk, event, &output) { .security($0) }
        case .check(var talk):
            self = .taken
            defer { self = .check(talk) }
            return Self.turn(&talk, event, &output) { .checked($0) }
        case .registration(var talk):
            self = .taken
            defer { self = .registration(talk) }
            return Self.turn(&talk, event, &output) { .registered($0) }
        case .taken: return .failed(.ended(during: .login))
        }
    }

    private static func turn<Talk: Conversation>(
        _ talk: inout Talk, _ event: Event, _ output: inout [UInt8], _ map: (Talk.Answer) -> Answer
    ) -> Turn<Answer> {
        let turn: Turn<Talk.Answer>
        switch event {
        case .begin: turn = talk.begin(&output)
        case .input(let input): turn = talk.receive(input, &output)
        case .end: turn = talk.ended()
        }
        switch turn {
        case .more: return .more
        case .done(let answer): return .done(map(answer))
        case .failed(let fault): return .failed(fault)
        }
    }
}
