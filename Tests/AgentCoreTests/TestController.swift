import Files
import Identifiers
import Inventory
import Messages
import ScratchPad
import Sealing
import Testing

@testable import AgentCore

/// A small controller: reads a pad, answers each message once, and remembers what it was told. It keeps to the format, and decides by a closure.
final class TestController {
    let keysDirectory: String
    let controllerID = ControllerID.random()
    let padID = PadID.random()
    private(set) var keys: ControllerKeys
    private(set) var pad: ControllerPad
    var header: PadHeader

    /// Each message once, in the order in which it came.
    private(set) var taken: [Message] = []
    private(set) var signers: [MessageID: Certificate] = [:]
    /// Files that were opened, copies of the same message included.
    private(set) var files = 0
    private var answers: [MessageID: (bytes: [UInt8], name: PadName, to: Fingerprint)] = [:]
    private var undelivered: [(bytes: [UInt8], name: PadName, to: Fingerprint)] = []
    private(set) var acknowledged: [MessageID: Acknowledgement] = [:]
    private var sequence: Int64 = 0
    /// Nil: no answer.
    var decide: (Message) -> Reply.Outcome? = { _ in .received }
    /// As long as it is true, nothing is looked at.
    var isAway = false

    init(pad directory: String, keys keysDirectory: String, now: Timestamp, interval: Duration = .milliseconds(200)) throws {
        self.keysDirectory = keysDirectory
        keys = try ControllerKeys.create(in: keysDirectory, name: controllerID.text, now: now)
        header = PadHeader(
            padID: padID, controllerID: controllerID, generation: 1, epoch: 1, issuedAt: now, lifetime: PadHeader.lifetime,
            interval: interval, keys: keys)
        pad = try ControllerPad.create(on: DirectoryMedium(path: directory), header: header, keys: keys)
        decide = { [unowned self] message in self.usualDecision(message, now: now) }
    }

    var fingerprint: Fingerprint { keys.fingerprint }

    func messages(_ kind: MessageKind) -> [Message] { taken.filter { $0.body.kind == kind } }

    /// One look at everything that waits.
    func pass(now: Timestamp) throws {
        if isAway { return }
        pad.lookAgain()
        let collection = try pad.collect(ControllerPad.Budget(), elapsed: .zero, now: now)
        for file in collection.files {
            if let bytes = file.bytes { try take(bytes, now: now) }
            try pad.delete(file.name)
        }
        for answer in answers.values where try !pad.isDelivered(answer.bytes, as: answer.name, to: answer.to) { undelivered.append(answer) }
        for answer in undelivered { try pad.deliver(answer.bytes, as: answer.name, to: answer.to) }
        undelivered = []
        try pad.flush()
    }

    /// Sends an instruction to the host of a key.
    @discardableResult
    func instruct(_ action: Instruction.Action, to host: Fingerprint, expires: Timestamp? = nil, now: Timestamp) throws -> MessageID {
        try send(.instruction(Instruction(action: action, expires: expires)), to: host, now: now)
    }

    /// New leaf keys under the same authority, and a header that says so.
    func rotate(now: Timestamp) throws {
        keys = try ControllerKeys.rotate(in: keysDirectory, now: now)
        header = PadHeader(
            padID: padID, controllerID: controllerID, generation: header.generation + 1, epoch: header.epoch, issuedAt: now,
            lifetime: PadHeader.lifetime, interval: header.interval, keys: keys)
        try pad.write(header, keys: keys)
    }

    /// A header that takes less, or more.
    func setLimits(_ limits: PadLimits) throws {
        header.limits = limits
        header.generation += 1
        try pad.write(header, keys: keys)
    }

    func raiseEpoch(now: Timestamp) throws {
        header.epoch += 1
        header.generation += 1
        try pad.write(header, keys: keys)
    }

    /// Seals for a host, with any signer: also what an honest controller would not send.
    func seal(_ body: MessageBody, to host: Fingerprint, signer: Signer? = nil, now: Timestamp, change: (inout Envelope) -> Void = { _ in })
        throws -> (messageID: MessageID, bytes: [UInt8])
    {
        sequence = Envelope.sequence(after: sequence, at: now)
        var envelope = Envelope(
            messageID: MessageID.random(), padID: padID, epoch: header.epoch, sender: keys.fingerprint, recipient: host, previous: nil,
            sequence: sequence, at: now)
        change(&envelope)
        let certificate = try #require(certificates[host], "the host was never heard")
        let message = Message(envelope: envelope, body: body)
        return (envelope.messageID, try Sealing.seal(message.jsonBytes, signer: signer ?? keys.signer, recipient: certificate))
    }

    func leave(_ bytes: [UInt8], named name: String, for host: Fingerprint) throws {
        try pad.deliver(bytes, as: try #require(PadName(name)), to: host)
    }

    // MARK: Parts

    /// The certificate that a host key was last heard with: replies are sealed for it.
    private var certificates: [Fingerprint: Certificate] = [:]

    private func take(_ bytes: [UInt8], now: Timestamp) throws {
        files += 1
        let opened = try Sealing.open(bytes, with: keys.recipientKeys)
        let message = try Message.parse(opened.payload)
        #expect(message.envelope.sender == opened.signer.fingerprint)
        #expect(message.envelope.recipient == keys.fingerprint)
        #expect(message.envelope.padID == padID)
        certificates[opened.signer.fingerprint] = opened.signer
        guard !taken.contains(where: { $0.envelope.messageID == message.envelope.messageID }) else { return }
        taken.append(message)
        signers[message.envelope.messageID] = opened.signer
        if case .acknowledgement(let acknowledgement) = message.body {
            acknowledged[acknowledgement.of] = acknowledgement
            for (key, answer) in answers where answer.name == ControllerPad.replyName(acknowledgement.of) {
                try pad.withdraw(answer.name, from: answer.to)
                answers[key] = nil
            }
            return
        }
        guard let outcome = decide(message) else { return }
        try send(.reply(Reply(inReplyTo: message.envelope.messageID, outcome: outcome)), to: message.envelope.sender, now: now)
    }

    @discardableResult
    private func send(_ body: MessageBody, to host: Fingerprint, now: Timestamp) throws -> MessageID {
        let sealed = try seal(body, to: host, now: now)
        let answer = (sealed.bytes, ControllerPad.replyName(sealed.messageID), host)
        answers[sealed.messageID] = answer
        undelivered.append(answer)
        return sealed.messageID
    }

    /// Password and token are `correct`; everything else is taken in.
    func usualDecision(_ message: Message, now: Timestamp, lifetime: Duration = .seconds(365 * 86_400)) -> Reply.Outcome {
        switch message.body {
        case .registration(let registration):
            let isRight =
                switch registration.credential {
                case .password(_, let password): password == Array("correct".utf8)
                case .token(let token): token == Array("correct".utf8)
                }
            guard isRight else { return .refused(Refusal(reason: .badCredentials, text: "account, domain, user or password is wrong")) }
            return accept(registration.certificateRequest, registration.accountID, now: now, lifetime: lifetime)
        case .renewal(let renewal):
            guard let account = AccountID("account-1") else { return .received }
            return accept(renewal.certificateRequest, account, now: now, lifetime: lifetime)
        default: return .received
        }
    }

    private func accept(_ request: [UInt8], _ account: AccountID, now: Timestamp, lifetime: Duration) -> Reply.Outcome {
        do {
            let request = try CertificateRequest(der: request)
            let certificate = try keys.authority.issue(
                for: request.publicKey, role: .host, subjectName: "host-7", now: now, lifetime: lifetime)
            let hostID = try #require(HostID("host-7"))
            return .accepted(
                Acceptance(
                    hostID: hostID, accountID: account, certificates: [certificate.der, keys.authority.certificate.der],
                    expires: certificate.notAfter))
        } catch {
            Issue.record(error)
            return .received
        }
    }
}
