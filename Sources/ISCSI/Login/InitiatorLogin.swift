/// The initiator's side of a login (RFC 7143 chapter 6 and sections 11.12, 11.13), stage by stage:
///
///     security (0)    names, AuthMethod, CHAP      → InitiatorLogin+Security.swift
///     operational (1) digests, lengths             → InitiatorLogin+Operational.swift
///     full feature (3)
///
/// A response may come in parts (the C bit); each is asked for with an empty request. The target may ask for another round by leaving the T bit
/// out; rounds and bytes are bounded.
struct InitiatorLogin: Sendable {
    enum Stage: UInt8, Sendable { case security = 0, operational = 1, fullFeature = 3 }

    enum Result: Sendable, Equatable {
        /// The session stands.
        case established(SessionParameters)
        /// The target said what it wants, or was satisfied, which is all that a probe or a check asks.
        case told(SecurityProbe.Authentication, SessionParameters)
    }

    /// What the security stage waits for.
    enum Security: Sendable, Equatable {
        case method, challenge, proof, done
    }

    static let mostRounds = 32
    static let longestText = 65_536

    let kind: SessionKind
    let initiator: InitiatorIdentity
    let credentials: CHAPCredentials?
    let options: LoginOptions
    let random: RandomSource

    var numbers: SessionNumbers
    var stage = Stage.security
    var security = Security.method
    var exchange: CHAPExchange?
    var parameters = SessionParameters()
    /// Keys that were offered in the operational stage, so that what comes back is an answer and not an offer.
    var offered: [String: String] = [:]
    private var text: [UInt8] = []
    private var rounds = 0
    /// Whether the request that is being answered asked for the next stage.
    private var askedForNext = false

    init(kind: SessionKind, initiator: InitiatorIdentity, credentials: CHAPCredentials?, options: LoginOptions, random: RandomSource) {
        self.kind = kind
        self.initiator = initiator
        self.credentials = credentials
        self.options = options
        self.random = random
        numbers = SessionNumbers(random: random)
        if options.skipsSecurity, credentials == nil, kind == .discovery { stage = .operational }
    }

    /// What the connection waits for, for the text of a fault.
    var step: ISCSIFault.Step {
        switch (stage, security) {
        case (.security, .challenge), (.security, .proof): .authentication
        case (.security, _): .login
        default: .negotiation
        }
    }

    /// The first request.
    mutating func begin(_ output: inout [UInt8]) throws(ISCSIFault) {
        if let refusal = credentials?.findings.first(where: \.isRefusal) { throw .credentials(refusal) }
        send(firstKeys() + (stage == .operational ? operationalKeys() : []), next: true, &output)
    }

    /// Nil where another response is awaited.
    mutating func receive(_ pdu: PDU, _ output: inout [UInt8]) throws(ISCSIFault) -> Result? {
        switch pdu.opcode {
        case .loginResponse: break
        case .reject: throw .rejected(reason: pdu.header[2])
        default: throw .violation(expected: "a login response", found: "a PDU with opcode \(WireText.hexadecimal(pdu.header[0] & 0x3F))")
        }
        // The version is the third byte (active); there is no other than 0.
        guard pdu.header[3] == 0 else { throw .violation(expected: "version 0", found: "version \(pdu.header[3])") }
        let status = LoginStatus(statusClass: pdu.header[36], detail: pdu.header[37])
        guard status.statusClass == 0 else { throw refusal(status, pdu.data) }
        guard pdu.initiatorTaskTag == numbers.taskTag else {
            throw .violation(expected: "the answer to login \(numbers.taskTag)", found: "one to \(pdu.initiatorTaskTag)")
        }
        guard Array(pdu.header[8..<14]) == numbers.identifier else {
            throw .violation(expected: "our session identifier", found: "another one")
        }
        numbers.acknowledge(pdu)
        rounds += 1
        guard rounds <= Self.mostRounds else { throw .tooMuch(of: "responses to one login", limit: Self.mostRounds) }

        let (transits, continues) = (pdu.flags & 0x80 != 0, pdu.flags & 0x40 != 0)
        let (current, next) = (pdu.flags >> 2 & 3, pdu.flags & 3)
        guard current == stage.rawValue else {
            throw .violation(expected: "stage \(stage.rawValue) of the login", found: "stage \(current)")
        }
        guard text.count + pdu.data.count <= Self.longestText else { throw .tooMuch(of: "bytes of login text", limit: Self.longestText) }
        text += pdu.data
        if continues {
            guard !transits else { throw .violation(expected: "the rest of a text before the next stage", found: "both at once") }
            send([], next: false, &output)
            return nil
        }
        if transits {
            guard askedForNext, next == nextStage.rawValue else {
                throw .violation(
                    expected: askedForNext ? "stage \(nextStage.rawValue) to follow" : "no other stage yet",
                    found: "stage \(next) to follow")
            }
        }
        let keys = try TextKeys(text).values()
        text = []
        return try stage == .security
            ? receiveSecurity(keys, transits: transits, &output) : receiveOperational(keys, transits: transits, &output)
    }

    /// The attempt after `fault`: a target may know an algorithm's number by another meaning (tgt takes 7 for SHA-1), so what every target knows is the
    /// last thing to try. One that takes no login without its security stage may say so in any way.
    func optionsAgain(after fault: ISCSIFault) -> LoginOptions? {
        if options.skipsSecurity, credentials == nil {
            switch fault {
            case .authenticationWanted, .violation, .rejected, .ended(during: .negotiation): break
            case .loginRefused(let status) where status.statusClass == 2: break
            default: return nil
            }
            var options = options
            options.skipsSecurity = false
            return options
        }
        guard case .authenticationRefused(_, let algorithm?) = fault, algorithm != .md5, options.algorithms.contains(algorithm),
            options.algorithms.contains(.md5)
        else {
            return nil
        }
        var options = options
        options.algorithms = [.md5]
        return options
    }

    var nextStage: Stage { stage == .security ? .operational : .fullFeature }

    /// One login request. `next` asks for the next stage.
    ///
    ///     byte 1      T C . . CSG(2) NSG(2)
    ///     byte 8-13   ISID; 14-15 TSIH (0: a new session)
    ///     byte 20-21  CID
    mutating func send(_ keys: [UInt8], next: Bool, _ output: inout [UInt8]) {
        var pdu = PDU(.loginRequest, isImmediate: true, flags: stage.rawValue << 2 | (next ? 0x80 | nextStage.rawValue : 0), data: keys)
        pdu.header.replaceSubrange(8..<14, with: numbers.identifier)
        numbers.number(&pdu)
        pdu.append(to: &output)
        askedForNext = next
    }

    private func refusal(_ status: LoginStatus, _ data: [UInt8]) -> ISCSIFault {
        switch (status.statusClass, status.detail) {
        case (1, 1), (1, 2):
            do throws(ISCSIFault) {
                guard let text = try TextKeys(data).values()["TargetAddress"], let address = SendTargetsText.address(text)?.address else {
                    return .violation(expected: "TargetAddress in a redirection", found: "none that is one")
                }
                return .redirected(to: address, isPermanent: status.detail == 2)
            } catch {
                return error
            }
        case (2, 3), (2, 4): return .targetNotFound
        // Neither name nor proof was sent yet: it is the offer that it does not take.
        case (2, 0...1) where stage == .security && security == .challenge: return .noCommonAlgorithm(offered: options.algorithms)
        case (2, 0) where stage == .security && security == .proof: return .authenticationRefused(status, algorithm: exchange?.algorithm)
        case (2, 1):
            guard credentials != nil else { return .authenticationWanted }
            return .authenticationRefused(status, algorithm: exchange?.algorithm)
        default: return .loginRefused(status)
        }
    }
}
