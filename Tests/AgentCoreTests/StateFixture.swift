import Identifiers
import Messages
import Testing

@testable import AgentCore

/// Values for tests of decisions: no key in them is real.
enum StateFixture {
    static let now = Timestamp(seconds: 1_800_000_000)

    static func fingerprint(_ byte: UInt8) throws -> Fingerprint {
        try #require(Fingerprint(bytes: [UInt8](repeating: byte, count: 32)))
    }

    static func registering() throws -> RegistrationState {
        RegistrationState(
            pad: PadBinding(
                directory: "/pad", padID: try #require(PadID("pad-1")), controllerKey: try fingerprint(1), isTrustedOnFirstUse: false,
                generation: 3, epoch: 2, pollMilliseconds: 1_000),
            customer: Customer(
                accountID: try #require(AccountID("account-1")), domain: "production", user: "alice", level: 3, cluster: nil),
            key: HostKey(file: "key-1.pem", fingerprint: try fingerprint(2)))
    }

    static func registered() throws -> RegistrationState {
        var state = try registering()
        state.phase = .registered
        state.membership = Membership(
            hostID: try #require(HostID("host-1")), accountID: try #require(AccountID("account-1")), certificates: [[1, 2, 3]],
            registeredAt: now - .seconds(86_400), certifiedAt: now - .seconds(86_400), certificateExpires: now + .seconds(300 * 86_400),
            notes: [])
        state.told.inventory = "0011"
        state.told.freeSpaceAt = now - .seconds(60)
        return state
    }

    /// Adds a message of that kind to the outbox, as if it had been published.
    @discardableResult
    static func send(_ kind: MessageKind, from state: inout RegistrationState) throws -> OutgoingMessage {
        let messageID = try #require(MessageID("message-\(kind.rawValue)"))
        let number = state.chain.extend(messageID, at: now)
        var message = OutgoingMessage(messageID: messageID, kind: kind, sequence: number.sequence, createdAt: now)
        if kind == .inventory || kind == .registration { message.inventory = "2233" }
        if kind == .registration { message.requestedKey = state.key.fingerprint }
        if kind == .renewal { message.requestedKey = (state.nextKey ?? state.key).fingerprint }
        if kind == .freeSpace { message.freeSpace = [FreeSpaceMark(mountPoint: "/", sizeBytes: 10, availableBytes: 5)] }
        state.outbox.append(message)
        return message
    }

    /// A message of the controller's to this host.
    static func message(_ body: MessageBody, to state: RegistrationState, id: String = "message-c1", sequence: Int64 = 100) throws
        -> Message
    {
        Message(
            envelope: Envelope(
                messageID: try #require(MessageID(id)), padID: state.pad.padID, epoch: state.pad.epoch, sender: state.pad.controllerKey,
                recipient: state.key.fingerprint, previous: nil, sequence: sequence, at: now),
            body: body)
    }

    static func acceptance() throws -> Acceptance {
        Acceptance(
            hostID: try #require(HostID("host-7")), accountID: try #require(AccountID("account-1")), certificates: [[9]],
            expires: now + .seconds(1_000), notes: ["no volume is masked to this host"])
    }
}
