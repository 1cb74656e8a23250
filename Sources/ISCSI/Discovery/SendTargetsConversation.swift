import Identifiers

/// A discovery session (RFC 7143 section 4.3 and appendix C): login, SendTargets, logout.
///
/// A long list comes in many text responses: each but the last carries a Target Transfer Tag, with which the next is asked for. A key may be cut
/// anywhere between two of them.
package struct SendTargetsConversation: Conversation {
    package enum Scope: Sendable, Equatable {
        case all
        /// One target, spelled as the target spells it.
        case target(String)
    }

    package struct Answer: Sendable, Equatable {
        /// In the order in which they were sent, each name once.
        package var targets: [DiscoveredTarget] = []
        package var unusable: [UnusableEntry] = []
        /// The algorithm with which this host authenticated itself; nil where the portal wanted none.
        package var algorithm: CHAPAlgorithm?
        /// TargetAlias of the login response, if any.
        package var alias: String?
        /// What came of the list was more than is taken, and the rest was left out.
        package var bounds: [ReachedBound] = []

        package init(
            targets: [DiscoveredTarget] = [], unusable: [UnusableEntry] = [], algorithm: CHAPAlgorithm? = nil, alias: String? = nil,
            bounds: [ReachedBound] = []
        ) {
            self.bounds = bounds
            self.targets = targets
            self.unusable = unusable
            self.algorithm = algorithm
            self.alias = alias
        }
    }

    /// Bytes of one list: 65,536 targets with an address or two.
    package static let longestList = 1 << 24
    /// Responses without a byte, in a row.
    package static let mostEmptyResponses = 16
    /// PDUs that are answered or passed over while something else is awaited: pings and messages of no concern.
    package static let mostInterruptions = 64

    private enum Phase: Sendable { case login, text, logout(Answer), over(Turn<Answer>) }

    private var login: InitiatorLogin
    private let scope: Scope
    private let listRoom: ListRoom?
    /// Of the list's bytes, those out of `listRoom`.
    private var borrowed = 0
    private var assembler: PDUAssembler
    private var phase = Phase.login
    private var parameters = SessionParameters()
    private var list: [UInt8] = []
    private var emptyResponses = 0
    private var interruptions = 0

    /// `credentials` are those of discovery, not of sessions; without them a portal that wants CHAP ends in `.authenticationWanted`. `listRoom` is
    /// shared with those that go on at the same time.
    package init(
        initiator: InitiatorIdentity, scope: Scope = .all, credentials: CHAPCredentials? = nil,
        options: LoginOptions = LoginOptions(), random: RandomSource = .system, listRoom: ListRoom? = nil
    ) {
        self.listRoom = listRoom
        login = InitiatorLogin(kind: .discovery, initiator: initiator, credentials: credentials, options: options, random: random)
        self.scope = scope
        assembler = PDUAssembler(limit: max(options.receiveLength, 8192))
    }

    package mutating func begin(_ output: inout [UInt8]) -> Turn<Answer> {
        do throws(ISCSIFault) {
            try login.begin(&output)
            return .more
        } catch {
            return end(.failed(error))
        }
    }

    package mutating func receive(_ input: UnsafeRawBufferPointer, _ output: inout [UInt8]) -> Turn<Answer> {
        if case .over(let turn) = phase { return turn }
        assembler.append(input)
        do throws(ISCSIFault) {
            while let pdu = try assembler.next() {
                if let turn = try receive(pdu, &output) { return end(turn) }
            }
            return .more
        } catch {
            // The list is whole; a farewell that is none changes nothing.
            if case .logout(let answer) = phase { return end(.done(answer)) }
            return end(.failed(error))
        }
    }

    package mutating func ended() -> Turn<Answer> {
        switch phase {
        case .login where assembler.hasNone && assembler.isEmpty: end(.failed(.notISCSI(found: "the connection ended without an answer")))
        case .login: end(.failed(.ended(during: login.step)))
        case .text: end(.failed(.ended(during: .text)))
        case .logout(let answer): end(.done(answer))
        case .over(let turn): turn
        }
    }

    package func again(after fault: ISCSIFault) -> Self? {
        guard let options = login.optionsAgain(after: fault) else { return nil }
        return Self(
            initiator: login.initiator, scope: scope, credentials: login.credentials, options: options, random: login.random,
            listRoom: listRoom)
    }

    private mutating func end(_ turn: Turn<Answer>) -> Turn<Answer> {
        phase = .over(turn)
        dropList()
        return turn
    }

    private mutating func dropList() {
        list = []
        listRoom?.giveBack(borrowed)
        borrowed = 0
    }

    private mutating func receive(_ pdu: PDU, _ output: inout [UInt8]) throws(ISCSIFault) -> Turn<Answer>? {
        switch phase {
        case .login:
            guard case .established(let parameters)? = try login.receive(pdu, &output) else { return nil }
            self.parameters = parameters
            assembler.headerDigest = parameters.headerDigest
            assembler.dataDigest = parameters.dataDigest
            phase = .text
            login.numbers.nextTask()
            var key: [UInt8] = []
            switch scope {
            case .all: TextKeys.append("SendTargets", "All", to: &key)
            case .target(let name): TextKeys.append("SendTargets", name, to: &key)
            }
            ask(key, tag: PDU.noTag, &output)
            return nil
        case .text, .logout:
            do throws(ISCSIFault) {
                if try interrupts(pdu, &output) { return nil }
            } catch {
                guard case .text = phase, !list.isEmpty, let bound = ReachedBound(error) else { throw error }
                return .done(try answer(cutAt: bound))
            }
            if case .logout(let answer) = phase { return .done(answer) }
            return try receiveText(pdu, &output)
        case .over(let turn): return turn
        }
    }

    /// Text response: byte 1 F C, then at 20 the Target Transfer Tag. The last has F and the reserved tag, and no other has either (RFC 7143 sections
    /// 11.11.1, 11.11.2 and 11.11.4).
    private mutating func receiveText(_ pdu: PDU, _ output: inout [UInt8]) throws(ISCSIFault) -> Turn<Answer>? {
        guard pdu.opcode == .textResponse else {
            throw .violation(expected: "a text response", found: "a PDU with opcode \(WireText.hexadecimal(pdu.header[0] & 0x3F))")
        }
        guard pdu.initiatorTaskTag == login.numbers.taskTag else {
            throw .violation(expected: "the answer to request \(login.numbers.taskTag)", found: "one to \(pdu.initiatorTaskTag)")
        }
        login.numbers.acknowledge(pdu)
        let (isFinal, continues) = (pdu.flags & 0x80 != 0, pdu.flags & 0x40 != 0)
        guard !isFinal || !continues else { throw .violation(expected: "the rest of a text before its end", found: "both at once") }
        guard !isFinal || pdu.targetTransferTag == PDU.noTag else {
            throw .violation(expected: "no tag to go on with at the end", found: "\(pdu.targetTransferTag)")
        }
        let room = Self.longestList - list.count
        let part = pdu.data.prefix(room)
        let more = max(0, list.count + part.count - ListRoom.own - borrowed)
        guard listRoom?.take(more) != false else {
            return .done(try answer(cutAt: ReachedBound("bytes of lists at the same time", limit: ListRoom.shared)))
        }
        borrowed += more
        list += part
        if pdu.data.count > room {
            return .done(try answer(cutAt: ReachedBound("bytes of SendTargets' answer", limit: Self.longestList)))
        }
        emptyResponses = pdu.data.isEmpty ? emptyResponses + 1 : 0
        guard emptyResponses <= Self.mostEmptyResponses else {
            let bound = ReachedBound("text responses without text", limit: Self.mostEmptyResponses)
            if list.isEmpty { throw .tooMuch(of: bound.what, limit: bound.limit) }
            return .done(try answer(cutAt: bound))
        }
        if !isFinal {
            guard pdu.targetTransferTag != PDU.noTag else { throw .violation(expected: "a tag to go on with", found: "none, and no end") }
            ask([], tag: pdu.targetTransferTag, lun: Array(pdu.header[8..<16]), &output)
            return nil
        }
        phase = .logout(try answer(cutAt: nil))
        login.numbers.nextTask()
        // Reason 0: close the session.
        var request = PDU(.logoutRequest, isImmediate: true, flags: 0x80)
        login.numbers.number(&request)
        request.append(to: &output, headerDigest: parameters.headerDigest, dataDigest: parameters.dataDigest)
        return nil
    }

    /// Of the list as far as it came. What stands before the last NUL is whole where it was cut.
    private mutating func answer(cutAt bound: ReachedBound?) throws(ISCSIFault) -> Answer {
        if bound != nil { list.removeLast(list.count - (list.lastIndex(of: 0).map { $0 + 1 } ?? 0)) }
        defer { dropList() }
        let text = try SendTargetsText(list)
        return Answer(
            targets: text.targets, unusable: text.unusable, algorithm: parameters.algorithm, alias: parameters.alias,
            bounds: text.bounds + (bound.map { [$0] } ?? []))
    }

    /// Pings are answered, what has nothing to do with us is passed over, and what ends the connection is thrown.
    private mutating func interrupts(_ pdu: PDU, _ output: inout [UInt8]) throws(ISCSIFault) -> Bool {
        switch pdu.opcode {
        case .reject: throw .rejected(reason: pdu.header[2])
        case .noOperationIn:
            if pdu.targetTransferTag != PDU.noTag {
                var answer = PDU(.noOperationOut, isImmediate: true, flags: 0x80, data: Array(pdu.data.prefix(parameters.sendLength)))
                login.numbers.number(&answer)
                answer.initiatorTaskTag = PDU.noTag
                answer.targetTransferTag = pdu.targetTransferTag
                answer.header.replaceSubrange(8..<16, with: pdu.header[8..<16])
                answer.append(to: &output, headerDigest: parameters.headerDigest, dataDigest: parameters.dataDigest)
            }
        case .asynchronousMessage:
            // Events 1 to 4 end connection or session; 0 and those of vendors do not concern a discovery session.
            if (1...4).contains(pdu.header[36]) { throw .dismissed(event: pdu.header[36]) }
            login.numbers.acknowledge(pdu)
        default: return false
        }
        interruptions += 1
        guard interruptions <= Self.mostInterruptions else {
            throw .tooMuch(of: "messages beside the answer", limit: Self.mostInterruptions)
        }
        return true
    }

    /// Text request, for immediate delivery: the same task until the answer is whole.
    private func ask(_ keys: [UInt8], tag: UInt32, lun: [UInt8] = [UInt8](repeating: 0, count: 8), _ output: inout [UInt8]) {
        var request = PDU(.textRequest, isImmediate: true, flags: 0x80, data: keys)
        request.header.replaceSubrange(8..<16, with: lun)
        login.numbers.number(&request)
        request.targetTransferTag = tag
        request.append(to: &output, headerDigest: parameters.headerDigest, dataDigest: parameters.dataDigest)
    }
}
