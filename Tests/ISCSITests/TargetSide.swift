import ISCSI

/// The other end of a login and of a discovery session, small and working: bytes in, bytes out. Its `Behaviour` says what it wants and how it cuts
/// what it says.
struct TargetSide {
    struct Behaviour {
        var targets: [(name: String, addresses: [String])] = [("iqn.2026-11.lab.example:t1", ["192.0.2.1:3260,1"])]
        /// Nil wants no authentication.
        var account: (user: String, secret: String)?
        /// What it answers when it is asked who it is.
        var mutual: (user: String, secret: String)?
        /// The first of these that the initiator offers.
        var algorithms: [CHAPAlgorithm] = [.sha3, .sha256, .sha1, .md5]
        /// Takes 7 for SHA-1, and the first of the initiator's list that it knows, as tgt does.
        var isTgt = false
        var challenge: [UInt8] = (0..<50).map { UInt8($0) }
        var challengeText: String?
        /// Bytes of text in one text response.
        var textLength = 8192
        /// Bytes of text in one login response; what is longer is cut with the C bit.
        var loginLength = 8192
        var headerDigest = false
        var dataDigest = false
        /// Status of the first response, and its TargetAddress.
        var refusal: (status: (UInt8, UInt8), address: String?)?
        /// Sends a ping before each text response.
        var pings = false
        /// Leaves the T bit out once in each stage.
        var hesitates = false
        /// Flags and tag of the last text response, and of those before it.
        var end: (flags: UInt8, tag: UInt32) = (0x80, PDU.noTag)
        var middle: (flags: UInt8, tag: UInt32) = (0x40, 0x1234)
        var alias: String?
        var answersOwnChallenge = false
        /// Takes no login that begins behind it.
        var wantsSecurityStage = false
        /// Chooses this method whatever was offered.
        var method: String?
    }

    let behaviour: Behaviour
    private var assembler = PDUAssembler(limit: 65536, openings: [0x43])
    private var statusSequence: UInt32 = 7
    private var stage: UInt8 = 0
    private var isFullFeature = false
    private var waiting: [UInt8] = []
    private var waitingKeys: [UInt8] = []
    private var waitingNext = false
    private var hesitated = false
    private var algorithm: CHAPAlgorithm?
    private var isAuthenticated = false
    private var loginHeader: [UInt8] = []
    private(set) var isLoggedOut = false
    private(set) var pongs = 0
    /// Every key and value that came, in order.
    private(set) var heard: [String] = []

    init(_ behaviour: Behaviour = Behaviour()) { self.behaviour = behaviour }

    mutating func receive(_ input: [UInt8], _ output: inout [UInt8]) throws {
        input.withUnsafeBytes { assembler.append($0) }
        while let pdu = try assembler.next() { try receive(pdu, &output) }
    }

    private mutating func receive(_ pdu: PDU, _ output: inout [UInt8]) throws {
        switch pdu.opcode {
        case .loginRequest: try receiveLogin(pdu, &output)
        case .textRequest: try receiveText(pdu, &output)
        case .logoutRequest:
            isLoggedOut = true
            answer(PDU(.logoutResponse, flags: 0x80), to: pdu, &output)
        case .noOperationOut: pongs += 1
        default: break
        }
    }

    private mutating func answer(_ response: PDU, to request: PDU, _ output: inout [UInt8]) {
        var response = response
        response.initiatorTaskTag = request.initiatorTaskTag
        response.statusSequence = statusSequence
        statusSequence &+= 1
        response.append(
            to: &output, headerDigest: isFullFeature && behaviour.headerDigest, dataDigest: isFullFeature && behaviour.dataDigest)
    }

    // MARK: login

    private mutating func receiveLogin(_ pdu: PDU, _ output: inout [UInt8]) throws {
        loginHeader = pdu.header
        let asks = pdu.flags & 0x80 != 0
        if !waitingKeys.isEmpty { return sendLogin(waitingKeys, next: waitingNext, to: pdu, &output) }
        let pairs = try TextKeys(pdu.data).pairs
        heard += pairs.map { "\($0.key)=\($0.text ?? "?")" }
        let keys = Dictionary(pairs.map { ($0.key, $0.text ?? "") }, uniquingKeysWith: { $1 })
        if let refusal = behaviour.refusal {
            var text: [UInt8] = []
            if let address = refusal.address { TextKeys.append("TargetAddress", address, to: &text) }
            return refuse(refusal.status, text, to: pdu, &output)
        }
        var text: [UInt8] = []
        if stage == 0, pdu.flags >> 2 & 3 == 1 {
            // Who wants no authentication may leave the stage out.
            guard behaviour.account == nil, !behaviour.wantsSecurityStage else {
                return refuse(behaviour.account == nil ? (2, 0) : (2, 1), [], to: pdu, &output)
            }
            (stage, isAuthenticated) = (1, true)
        }
        if stage == 0 {
            guard security(keys, &text) else { return refuse((2, 1), [], to: pdu, &output) }
        } else {
            operational(keys, &text)
        }
        var goesOn = asks && (stage == 1 || isAuthenticated)
        if goesOn, behaviour.hesitates, !hesitated {
            hesitated = true
            goesOn = false
        } else if goesOn {
            hesitated = false
        }
        sendLogin(text, next: goesOn, to: pdu, &output)
    }

    private mutating func sendLogin(_ text: [UInt8], next: Bool, to pdu: PDU, _ output: inout [UInt8]) {
        let part = Array(text.prefix(behaviour.loginLength))
        waitingKeys = Array(text.dropFirst(part.count))
        waitingNext = next && waitingKeys.isEmpty && pdu.flags & 0x80 != 0
        let continues = !waitingKeys.isEmpty
        let nextStage: UInt8 = stage == 0 ? 1 : 3
        let transits = next && !continues && pdu.flags & 0x80 != 0
        var response = PDU(.loginResponse, flags: stage << 2 | (transits ? 0x80 | nextStage : 0) | (continues ? 0x40 : 0), data: part)
        response.header.replaceSubrange(8..<14, with: pdu.header[8..<14])
        answer(response, to: pdu, &output)
        if transits {
            if stage == 1 { goToFullFeature() } else { stage = 1 }
        }
    }

    private mutating func goToFullFeature() {
        isFullFeature = true
        assembler.headerDigest = behaviour.headerDigest
        assembler.dataDigest = behaviour.dataDigest
    }

    private mutating func refuse(_ status: (UInt8, UInt8), _ text: [UInt8], to pdu: PDU, _ output: inout [UInt8]) {
        var response = PDU(.loginResponse, data: text)
        response.header.replaceSubrange(8..<14, with: pdu.header[8..<14])
        (response.header[36], response.header[37]) = status
        answer(response, to: pdu, &output)
    }

    /// False refuses.
    private mutating func security(_ keys: [String: String], _ text: inout [UInt8]) -> Bool {
        if let offered = keys["AuthMethod"]?.split(separator: ",").map(String.init) {
            if let alias = behaviour.alias { TextKeys.append("TargetAlias", alias, to: &text) }
            if let method = behaviour.method {
                TextKeys.append("AuthMethod", method, to: &text)
                return true
            }
            let wanted = behaviour.account == nil ? "None" : "CHAP"
            guard offered.contains(wanted) else { return false }
            TextKeys.append("AuthMethod", wanted, to: &text)
            isAuthenticated = wanted == "None"
        }
        if let offered = keys["CHAP_A"]?.split(separator: ",").compactMap({ UInt8($0).flatMap(CHAPAlgorithm.init) }) {
            let known: [CHAPAlgorithm] = behaviour.isTgt ? [.md5, .sha256] : behaviour.algorithms
            let choice = behaviour.isTgt ? offered.first(where: known.contains) : known.first(where: offered.contains)
            guard let choice else { return false }
            algorithm = choice
            TextKeys.append("CHAP_A", "\(choice.rawValue)", to: &text)
            TextKeys.append("CHAP_I", "255", to: &text)
            TextKeys.append("CHAP_C", behaviour.challengeText ?? TextValue.hexadecimal(behaviour.challenge), to: &text)
        }
        if let name = keys["CHAP_N"], let response = keys["CHAP_R"].flatMap({ TextValue.binary($0, limit: 64) }) {
            guard let account = behaviour.account, let algorithm else { return false }
            let computed = behaviour.isTgt && algorithm == .sha256 ? .sha1 : algorithm
            let expected = computed.response(identifier: 255, secret: CHAPSecret(account.secret.utf8), challenge: behaviour.challenge)
            guard name == account.user, response == expected else { return false }
            isAuthenticated = true
            if behaviour.answersOwnChallenge {
                TextKeys.append("CHAP_N", name, to: &text)
                TextKeys.append("CHAP_R", keys["CHAP_R"] ?? "", to: &text)
            } else if let mutual = behaviour.mutual, let identifier = keys["CHAP_I"].flatMap({ UInt8($0) }),
                let challenge = keys["CHAP_C"].flatMap({ TextValue.binary($0, limit: 1024) }),
                let proof = computed.response(identifier: identifier, secret: CHAPSecret(mutual.secret.utf8), challenge: challenge)
            {
                TextKeys.append("CHAP_N", mutual.user, to: &text)
                TextKeys.append("CHAP_R", TextValue.hexadecimal(proof), to: &text)
            }
        }
        return true
    }

    private func operational(_ keys: [String: String], _ text: inout [UInt8]) {
        guard keys["HeaderDigest"] != nil else { return }
        TextKeys.append("HeaderDigest", behaviour.headerDigest ? "CRC32C" : "None", to: &text)
        TextKeys.append("DataDigest", behaviour.dataDigest ? "CRC32C" : "None", to: &text)
        TextKeys.append("MaxRecvDataSegmentLength", "8192", to: &text)
        TextKeys.append("DefaultTime2Wait", "2", to: &text)
        TextKeys.append("X-com.example.unknown", "1", to: &text)
        TextKeys.append("MaxBurstLength", "65536", to: &text)
    }

    // MARK: full feature

    private mutating func receiveText(_ pdu: PDU, _ output: inout [UInt8]) throws {
        if pdu.targetTransferTag == PDU.noTag {
            let pairs = try TextKeys(pdu.data).pairs
            heard += pairs.map { "\($0.key)=\($0.text ?? "?")" }
            waiting = []
            for target in behaviour.targets {
                TextKeys.append("TargetName", target.name, to: &waiting)
                for address in target.addresses { TextKeys.append("TargetAddress", address, to: &waiting) }
            }
        }
        if behaviour.pings {
            var ping = PDU(.noOperationIn, flags: 0x80)
            ping.initiatorTaskTag = PDU.noTag
            ping.targetTransferTag = 99
            ping.append(to: &output, headerDigest: behaviour.headerDigest, dataDigest: behaviour.dataDigest)
        }
        let part = Array(waiting.prefix(behaviour.textLength))
        waiting.removeFirst(part.count)
        let mark = waiting.isEmpty ? behaviour.end : behaviour.middle
        var response = PDU(.textResponse, flags: mark.flags, data: part)
        response.targetTransferTag = mark.tag
        answer(response, to: pdu, &output)
    }
}

/// Both ends, talking. What the target says reaches the initiator in pieces of at most `cut` bytes.
func talk<C: Conversation>(_ conversation: C, with target: inout TargetSide, cut: Int = .max) throws -> Turn<C.Answer> {
    var conversation = conversation
    var toTarget: [UInt8] = []
    var turn = conversation.begin(&toTarget)
    var rounds = 0
    while case .more = turn {
        rounds += 1
        guard rounds < 10_000 else { return .more }
        var toInitiator: [UInt8] = []
        try target.receive(toTarget, &toInitiator)
        toTarget = []
        guard !toInitiator.isEmpty else { return conversation.ended() }
        var rest = toInitiator[...]
        while !rest.isEmpty, case .more = turn {
            turn = conversation.receive(Array(rest.prefix(cut)), &toTarget)
            rest = rest.dropFirst(cut)
        }
    }
    return turn
}

extension InitiatorIdentity {
    static let test = InitiatorIdentity(name: .init("iqn.2026-11.lab.example:host")!)
}

extension RandomSource {
    /// The same bytes each time.
    static let fixed = RandomSource { count in (0..<count).map { UInt8(truncatingIfNeeded: 0xA0 + $0) } }
}
