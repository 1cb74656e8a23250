import AgentCore
import Identifiers
import Messages
import PadSimulation
import ScratchPad
import Sealing
import TestSupport

/// Somebody with all rights on the pad and a host certificate of its own: keeps what passes by, puts it back, takes it away, swaps and cuts it, and
/// forges messages of and to another host.
struct HostileNeighbour {
    /// What stands in everything that it forges; nothing may come of it.
    static let mark = "forged by the neighbour"
    private static let machine = 9
    private static let memory = 48

    private let medium: SimulatedMedium
    private let controllerKey: Fingerprint
    private var remembered: [(folder: PadFolder, bytes: [UInt8], lane: Fingerprint)] = []

    init(_ storage: SimulatedStorage, controllerKey: Fingerprint) {
        medium = storage.medium(for: Self.machine)
        self.controllerKey = controllerKey
    }

    /// One act against `victim`, in the name of `traitor` where something is signed.
    mutating func act(
        against victim: SimulatedAgent, with traitor: SimulatedAgent, now: Timestamp, _ random: inout SplitMix64, _ tally: inout Tally
    ) throws {
        guard let state = try victim.state() else { return }
        let key = state.key.fingerprint
        try remember(.incoming, key)
        try remember(.replies(key), key)
        switch Int.random(in: 0..<6, using: &random) {
        case 0, 1: try replay(&random, &tally)
        case 2: try remove(Bool.random(using: &random) ? .incoming : .replies(key), &random, &tally)
        case 3: try swap(Bool.random(using: &random) ? .incoming : .replies(key), &random, &tally)
        default: try forge(state, traitor, now, &random, &tally)
        }
    }

    private func names(_ folder: PadFolder) throws -> [PadName] {
        try medium.stamp(folder) == nil ? [] : try medium.names(in: folder, limit: 1_000).filter { $0.bytes.first != UInt8(ascii: ".") }
    }

    private mutating func remember(_ folder: PadFolder, _ lane: Fingerprint) throws {
        for name in try names(folder) {
            guard remembered.count < Self.memory, case .content(let bytes)? = try medium.read(name, in: folder, limit: 1 << 20) else {
                continue
            }
            if !remembered.contains(where: { $0.bytes == bytes }) { remembered.append((folder, bytes, lane)) }
        }
    }

    private func put(_ bytes: [UInt8], in folder: PadFolder, lane: Fingerprint, _ random: inout SplitMix64) throws {
        guard try medium.stamp(folder) != nil else { return }
        let name = MessageFileName(sender: lane, sequence: Int64.random(in: 1...Int64.max, using: &random))
        try medium.write(bytes, as: name.name, in: folder, durably: true)
    }

    private func replay(_ random: inout SplitMix64, _ tally: inout Tally) throws {
        guard let old = remembered.randomElement(using: &random) else { return }
        // Whole, or cut.
        let end = Int.random(in: 0..<4, using: &random) == 0 ? old.bytes.count / 2 : old.bytes.count
        try put(Array(old.bytes[..<end]), in: old.folder, lane: old.lane, &random)
        tally[.replayed] += 1
    }

    private func remove(_ folder: PadFolder, _ random: inout SplitMix64, _ tally: inout Tally) throws {
        guard let name = try names(folder).randomElement(using: &random) else { return }
        if try medium.remove(name, in: folder) { tally[.removed] += 1 }
    }

    /// Each of two files gets the other's name.
    private func swap(_ folder: PadFolder, _ random: inout SplitMix64, _ tally: inout Tally) throws {
        let all = try names(folder)
        guard all.count > 1, let first = all.randomElement(using: &random), let second = all.randomElement(using: &random), first != second,
            let aside = PadName(".swap")
        else { return }
        _ = try medium.move(first, in: folder, to: aside, in: folder)
        _ = try medium.move(second, in: folder, to: first, in: folder)
        _ = try medium.move(aside, in: folder, to: second, in: folder)
        tally[.swapped] += 1
    }

    private func forge(
        _ victim: RegistrationState, _ traitor: SimulatedAgent, _ now: Timestamp, _ random: inout SplitMix64, _ tally: inout Tally
    ) throws {
        guard let der = victim.membership?.certificates.first, let signer = try signer(traitor, now, &random) else { return }
        let toController = Bool.random(using: &random)
        let number = Envelope.sequence(after: victim.chain.last, at: now)
        let envelope = Envelope(
            messageID: .random(), padID: victim.pad.padID, epoch: victim.pad.epoch,
            sender: toController ? victim.key.fingerprint : controllerKey, recipient: toController ? controllerKey : victim.key.fingerprint,
            previous: victim.chain.previous, previousSequence: victim.chain.previous == nil ? nil : victim.chain.last, sequence: number,
            at: now)
        let body: MessageBody
        switch (toController, Bool.random(using: &random), victim.outbox.first) {
        case (true, true, _): body = .event(HostEvent(event: "forged", subject: Self.mark, detail: nil, happenedAt: now))
        case (true, false, _): body = .farewell(Farewell(reason: Self.mark))
        case (false, true, let waiting?):
            body = .reply(
                Reply(inReplyTo: waiting.messageID, outcome: .refused(Refusal(reason: .revoked, text: Self.mark))))
        case (false, _, _): body = .instruction(Instruction(action: .setInterval(seconds: 86_400)))
        }
        let message = Message(envelope: envelope, body: body)
        let recipient: PublicKey
        if toController {
            recipient = try HostPad.open(medium, trust: .pinned(controllerKey), known: nil, now: now).verified.decryption.publicKey
        } else {
            recipient = try Certificate(der: der).publicKey
        }
        let sealed = try Sealing.seal(message.jsonBytes, signer: signer, recipient: recipient)
        try put(sealed, in: toController ? .incoming : .replies(victim.key.fingerprint), lane: victim.key.fingerprint, &random)
        tally[.forged] += 1
    }

    /// Another host's, where there is one, or a stranger's.
    private func signer(_ traitor: SimulatedAgent, _ now: Timestamp, _ random: inout SplitMix64) throws -> Signer? {
        if Bool.random(using: &random), let signer = try traitor.signer() { return signer }
        let key = try PrivateKey.generate()
        return try Signer(
            key: key, certificate: CertificateAuthority.selfSigned(key: key, subjectName: "host", now: now, lifetime: .seconds(86_400)))
    }
}
