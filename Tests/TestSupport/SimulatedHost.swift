import Identifiers
import Inventory
import Messages
import PadSimulation
import Provider
import ScratchPad
import Sealing
import Store
import Synchronization

/// A host as the protocol has it: a key, a chain of messages, and what it was told. Says one thing at a time, or whatever a test makes it say.
package struct SimulatedHost: Sendable {
    package var pad: ControllerFixture.TestPad
    package var key: PrivateKey
    package var signer: Signer
    package var name: String
    package var machineID: String?
    package var initiators: [String]
    package var cluster: String?
    package var blockDevices: [Inventory.BlockDevice] = []
    package var last: Int64?
    package var previous: MessageID?
    package var hostID: HostID?
    package var heardWithinSeconds: Int64?
    /// Added to the clock that messages are dated by.
    package var skew: Duration = .zero
    let controller: Fingerprint
    let clock: @Sendable () -> Timestamp
    private let headers = HeaderCache()

    init(
        pad: ControllerFixture.TestPad, controller: Fingerprint, clock: @escaping @Sendable () -> Timestamp, name: String,
        machineID: String?,
        initiators: [String]
    ) throws {
        self.pad = pad
        self.controller = controller
        self.clock = clock
        self.name = name
        self.machineID = machineID
        self.initiators = initiators
        key = try PrivateKey.generate()
        signer = try Self.firstSigner(key, clock)
    }

    private static func firstSigner(_ key: PrivateKey, _ clock: () -> Timestamp) throws -> Signer {
        try Signer(
            key: key,
            certificate: CertificateAuthority.selfSigned(
                key: key, subjectName: "host", now: clock(), lifetime: .seconds(10 * 365 * 86_400)))
    }

    /// A host on the pad of a controller that runs as a program, by the machine's clock.
    package init(directory: String, controller: Fingerprint, name: String, machineID: String, initiators: [String]) throws {
        let record = PadRecord(
            id: .random(), directory: directory, accountID: nil, systemID: nil, interval: .milliseconds(100), generation: 1, state: .active,
            createdAt: Store.systemClock(), retiredAt: nil)
        let pad = ControllerFixture.TestPad(
            record: record, medium: DirectoryMedium(path: directory), storage: SimulatedStorage(seed: 1))
        try self.init(
            pad: pad, controller: controller, clock: Store.systemClock, name: name, machineID: machineID, initiators: initiators)
    }

    /// The host lost its state: a new key, and no memory of what it sent.
    package mutating func loseState() throws {
        key = try PrivateKey.generate()
        signer = try Self.firstSigner(key, clock)
        (last, previous, hostID) = (nil, nil, nil)
    }

    package var inventory: Inventory {
        Inventory(
            host: Inventory.Host(hostName: name, machineID: machineID),
            initiators: initiators.compactMap { text in
                guard let name = InitiatorName(text) else { return nil }
                switch name {
                case .iqn(let iqn): return Inventory.Initiator(transport: .iscsi, iqn: iqn)
                case .wwpn(let wwpn): return Inventory.Initiator(transport: .fc, name: "host1", wwpn: wwpn)
                case .nqn(let nqn): return Inventory.Initiator(transport: .nvme, nqn: nqn)
                }
            }, blockDevices: blockDevices)
    }

    // MARK: Messages

    package func registration(
        _ customer: ControllerFixture.Customer, user: String? = nil, password: String = ControllerFixture.password, domain: String? = nil,
        account: AccountID? = nil, token: [UInt8]? = nil
    ) throws -> MessageBody {
        .registration(
            Registration(
                accountID: account ?? customer.accountID, domain: domain ?? (token == nil ? customer.domain : nil),
                credential: token.map { .token($0) } ?? .password(user: user ?? customer.user, password: Array(password.utf8)),
                certificateRequest: try CertificateRequest(key: key, subjectName: name).der, level: 3, cluster: cluster,
                agentVersion: "test", heardWithinSeconds: heardWithinSeconds, inventory: inventory))
    }

    package var report: MessageBody {
        .inventory(InventoryReport(digest: inventory.digest, contents: .full(inventory), agentVersion: "test"))
    }

    package func renewal(for newKey: PrivateKey? = nil) throws -> MessageBody {
        .renewal(Renewal(certificateRequest: try CertificateRequest(key: newKey ?? key, subjectName: name).der))
    }

    /// The next message of the chain.
    package mutating func message(_ body: MessageBody, epoch: Int64? = nil) throws -> Message {
        let header = try open().header
        let now = clock() + skew
        let envelope = Envelope(
            messageID: .random(), padID: header.padID, epoch: epoch ?? header.epoch, sender: key.fingerprint, recipient: controller,
            previous: previous, previousSequence: previous == nil ? nil : last, sequence: Envelope.sequence(after: last, at: now), at: now)
        (last, previous) = (envelope.sequence, envelope.messageID)
        return Message(envelope: envelope, body: body)
    }

    package func sealed(_ message: Message, by signer: Signer? = nil) throws -> [UInt8] {
        try Sealing.seal(message.jsonBytes, signer: signer ?? self.signer, recipient: try open().verified.decryption)
    }

    /// Publishes bytes as they are, on its own pad or another.
    package func publish(_ sealed: [UInt8], sequence: Int64 = 1, on other: ControllerFixture.TestPad? = nil) throws {
        let pad = try other.map { try HostPad.open($0.medium, trust: .pinned(controller), known: nil, now: clock()) } ?? open()
        _ = try pad.publish(sealed, sender: key.fingerprint, sequence: sequence)
    }

    /// Makes the next message and publishes it.
    @discardableResult
    package mutating func send(_ body: MessageBody) throws -> Message {
        let message = try message(body)
        try publish(sealed(message), sequence: message.envelope.sequence)
        return message
    }

    /// Reads the header, and judges it where it is another than the last one.
    package func open() throws -> HostPad { try headers.open(pad.medium, controller, now: clock()) }

    // MARK: Answers

    /// All answers that lie there, opened and verified, in the order of their numbers.
    package func replies(on other: ControllerFixture.TestPad? = nil) throws -> [(envelope: Envelope, reply: Reply)] {
        try replies(on: other, except: []) { throw $0 }.map { ($0.envelope, $0.reply) }
    }

    /// The same, without those that were handled and those that cannot be opened: a real agent counts and ignores them.
    package func intactReplies(except handled: Set<PadName>) throws -> [(name: PadName, envelope: Envelope, reply: Reply)] {
        try replies(on: nil, except: handled) { _ in }
    }

    /// All instructions that lie there, in the order of their numbers.
    package func instructions() throws -> [(envelope: Envelope, instruction: Instruction)] {
        try messages(on: nil, except: []) { throw $0 }.compactMap { file in
            if case .instruction(let instruction) = file.message.body { (file.message.envelope, instruction) } else { nil }
        }
    }

    private func replies(
        on other: ControllerFixture.TestPad?, except handled: Set<PadName>, unless damaged: (SealingError) throws -> Void
    ) throws -> [(name: PadName, envelope: Envelope, reply: Reply)] {
        try messages(on: other, except: handled, unless: damaged).compactMap { file in
            if case .reply(let reply) = file.message.body { (file.name, file.message.envelope, reply) } else { nil }
        }
    }

    private func messages(
        on other: ControllerFixture.TestPad?, except handled: Set<PadName>, unless damaged: (SealingError) throws -> Void
    ) throws -> [(name: PadName, message: Message)] {
        let pad = try other.map { try HostPad.open($0.medium, trust: .pinned(controller), known: nil, now: clock()) } ?? open()
        return try pad.replies(for: key.fingerprint, except: handled).compactMap { file in
            guard let bytes = file.bytes else { return nil }
            let opened: Opened
            do throws(SealingError) {
                opened = try Sealing.open(bytes, with: RecipientKeys([key]))
            } catch {
                try damaged(error)
                return nil
            }
            if let fault = opened.signer.fault(issuedBy: pad.verified.authority, role: .controllerSigning, at: clock()) {
                // Signed by a leaf that has ended since: an agent read it long ago.
                if case .expired = fault { return nil }
                throw SealingError.badCertificate(fault)
            }
            return (file.name, try Message.parse(opened.payload))
        }.sorted { $0.message.envelope.sequence < $1.message.envelope.sequence }
    }

    package func outcomes(to message: Message) throws -> [Reply.Outcome] {
        try replies().filter { $0.reply.inReplyTo == message.envelope.messageID }.map(\.reply.outcome)
    }

    /// Takes in an acceptance: from now on the host signs with the certificate that it was issued.
    package mutating func accept(_ acceptance: Acceptance) throws {
        hostID = acceptance.hostID
        guard let der = acceptance.certificates.first else { return }
        signer = try Signer(key: key, certificate: Certificate(der: der))
    }

    /// Registers in one pass; the answer.
    package mutating func register(
        _ customer: ControllerFixture.Customer, in fixture: ControllerFixture, user: String? = nil,
        password: String = ControllerFixture.password,
        domain: String? = nil, account: AccountID? = nil, token: [UInt8]? = nil
    ) async throws -> Reply.Outcome? {
        try await exchange(
            registration(customer, user: user, password: password, domain: domain, account: account, token: token), in: fixture)
    }

    /// Says something, lets a pass go by, takes in what is accepted; the answer.
    package mutating func exchange(_ body: MessageBody, in fixture: ControllerFixture) async throws -> Reply.Outcome? {
        let message = try send(body)
        try await fixture.pass()
        let outcome = try outcomes(to: message).first
        if case .accepted(let acceptance)? = outcome { try accept(acceptance) }
        return outcome
    }
}

extension Reply.Outcome {
    /// `accepted`, `received`, `resync`, or the reason of a refusal.
    package var word: String {
        switch self {
        case .accepted: "accepted"
        case .received: "received"
        case .resync: "resync"
        case .refused(let refusal): refusal.reason.rawValue
        }
    }

    /// A refusal's text.
    package var text: String { if case .refused(let refusal) = self { refusal.text } else { "" } }
}

/// The header that was believed last, so that the same bytes are not judged again.
private final class HeaderCache: Sendable {
    private let last = Mutex<(bytes: [UInt8], pad: HostPad)?>(nil)

    func open(_ medium: any PadMedium, _ controller: Fingerprint, now: Timestamp) throws -> HostPad {
        guard case .content(let bytes)? = try medium.read(PadHeader.fileName, in: .root, limit: PadHeader.maximumBytes) else {
            throw PadError.header(.missing)
        }
        if let known = last.withLock({ $0 }), known.bytes == bytes { return known.pad }
        let pad = try HostPad.open(medium, trust: .pinned(controller), known: nil, now: now)
        last.withLock { $0 = (bytes, pad) }
        return pad
    }
}
