import Files
import Identifiers
import Messages
import Sealing
import Testing

@testable import AgentCore

/// What the root helper believes: the controller's signature and root's word, and nothing that the daemon says.
@Suite struct OrderTests {
    private let now = Timestamp(seconds: 1_800_000_000)

    /// A controller that root trusts, and this host's certificate of it.
    private struct Fixture {
        let authority: CertificateAuthority
        let signer: Signer
        let host: PrivateKey
        let certificate: Certificate

        init(now: Timestamp, hostName: String = "host-7/account-1") throws {
            let key = try PrivateKey.generate()
            authority = try CertificateAuthority.create(key: key, name: "controller-1", now: now, lifetime: .seconds(3_650 * 86_400))
            let signing = try PrivateKey.generate()
            signer = try Signer(
                key: signing,
                certificate: authority.issue(
                    for: signing.publicKey, role: .controllerSigning, subjectName: "signing", now: now, lifetime: .seconds(86_400 * 365)))
            host = try PrivateKey.generate()
            certificate = try authority.issue(
                for: host.publicKey, role: .host, subjectName: hostName, now: now, lifetime: .seconds(86_400 * 365))
        }

        func order(
            _ body: MessageBody = .instruction(Instruction(action: .rescan)), at now: Timestamp, signer other: Signer? = nil,
            certificate otherCertificate: Certificate? = nil, change: (inout Envelope) -> Void = { _ in }
        ) throws -> SignedOrder {
            var envelope = Envelope(
                messageID: MessageID.random(), padID: PadID.random(), epoch: 1, sender: authority.fingerprint, recipient: host.fingerprint,
                previous: nil, sequence: now.microseconds, at: now)
            change(&envelope)
            let signed = try Sealing.sign(Message(envelope: envelope, body: body).jsonBytes, signer: other ?? signer)
            return SignedOrder(
                authority: authority.certificate.der, certificate: (otherCertificate ?? certificate).der, signed: signed)
        }
    }

    private func with(_ body: (TrustDirectory, Fixture) throws -> Void) throws {
        try TestHost.with { host in
            let trust = TrustDirectory("\(host.directory)/trust")
            let fixture = try Fixture(now: now)
            try trust.trust(fixture.authority.fingerprint, at: now)
            try body(trust, fixture)
        }
    }

    /// Carries an order out; returns whether work was done, and what is answered.
    private func carryOut(
        _ order: SignedOrder, _ trust: TrustDirectory, configured: [Fingerprint] = [], at time: Timestamp? = nil
    ) throws -> (worked: Bool, outcome: Acknowledgement.Outcome) {
        var worked = false
        let work = OrderedWork(trust: trust, configured: configured, now: time ?? now)
        let result = try work.carryOut(order, .rescan) {
            worked = true
            return (.done, "2 SCSI hosts scanned")
        }
        return (worked, result.outcome)
    }

    private func expectRefusal(_ text: String, _ body: () throws -> Void) {
        let error = #expect(throws: AgentError.self) { try body() }
        guard case .refused(reason: "order", let found) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(found.contains(text), "\(found)")
    }

    @Test func `what the trusted controller signed for this host is done once, and answered the same afterwards`() throws {
        try with { trust, fixture in
            let order = try fixture.order(at: now)
            #expect(try carryOut(order, trust) == (true, .done))
            #expect(try carryOut(order, trust) == (false, .done))
            #expect(try trust.load(fixture.authority.fingerprint)?.hostName == "host-7/account-1")
            #expect(try carryOut(fixture.order(at: now + .seconds(1)), trust) == (true, .done))
        }
    }

    @Test func `work that a crash broke off is done again`() throws {
        try with { trust, fixture in
            let order = try fixture.order(at: now)
            let verified = try VerifiedOrder(order, now: now)
            var entry = try #require(try trust.load(fixture.authority.fingerprint))
            entry.handled.record(
                HandledMessages.Entry(
                    messageID: verified.envelope.messageID, sequence: verified.envelope.sequence, instruction: "rescan", outcome: nil,
                    at: now))
            try trust.save(entry)
            #expect(try carryOut(order, trust) == (true, .done))
        }
    }

    @Test func `a controller that root never named is refused, one that the configuration names is not`() throws {
        try with { trust, _ in
            let stranger = try Fixture(now: now)
            let order = try stranger.order(at: now)
            expectRefusal("root never named the controller") { _ = try carryOut(order, trust) }
            #expect(try carryOut(order, trust, configured: [stranger.authority.fingerprint]) == (true, .done))
            // From then on it is known.
            #expect(try carryOut(order, trust) == (false, .done))
        }
    }

    @Test func `what the daemon could make up or dig up is refused`() throws {
        try with { trust, fixture in
            let host = try Signer(key: fixture.host, certificate: fixture.certificate)
            let other = try Fixture(now: now)
            let orders: [(String, SignedOrder)] = [
                ("its signer", try fixture.order(at: now, signer: host)),
                ("its signer", try fixture.order(at: now, signer: other.signer)),
                ("for another host key", try fixture.order(at: now) { $0.recipient = other.host.fingerprint }),
                ("this host's certificate", try fixture.order(at: now, certificate: other.certificate)),
                ("names another controller", try fixture.order(at: now) { $0.sender = other.authority.fingerprint }),
                ("signed set-interval", try fixture.order(.instruction(Instruction(action: .setInterval(seconds: 5))), at: now)),
                ("expired at", try fixture.order(.instruction(Instruction(action: .rescan, expires: now - .seconds(1))), at: now)),
                ("too long ago", try fixture.order(at: now) { $0.at = now - .seconds(31 * 86_400) }),
                ("signed no instruction", try fixture.order(.farewell(Farewell(reason: nil)), at: now)),
            ]
            for (text, order) in orders { expectRefusal(text) { _ = try carryOut(order, trust) } }
            var changed = try fixture.order(at: now)
            changed.signed[changed.signed.count / 2] ^= 1
            #expect(throws: AgentError.self) { try carryOut(changed, trust) }
            expectRefusal("is none") {
                var order = try fixture.order(at: now)
                order.authority = fixture.certificate.der
                _ = try carryOut(order, trust)
            }
        }
    }

    @Test func `an order for another host of the same controller is refused once this host is known`() throws {
        try with { trust, fixture in
            _ = try carryOut(fixture.order(at: now), trust)
            let neighbour = try PrivateKey.generate()
            let certificate = try fixture.authority.issue(
                for: neighbour.publicKey, role: .host, subjectName: "host-8/account-1", now: now, lifetime: .seconds(86_400))
            let order = try fixture.order(at: now + .seconds(1), certificate: certificate) { $0.recipient = neighbour.fingerprint }
            expectRefusal("it is for host-8/account-1, and this host is host-7/account-1") { _ = try carryOut(order, trust) }
            // A new registration by root may make it another host.
            try trust.trust(fixture.authority.fingerprint, at: now + .seconds(1))
            #expect(try carryOut(order, trust) == (true, .done))
        }
    }

    @Test func `of very many orders the old ones cannot be had again`() throws {
        try with { trust, fixture in
            let first = try fixture.order(at: now)
            #expect(try carryOut(first, trust) == (true, .done))
            for second in 1...HandledMessages.capacity {
                #expect(try carryOut(fixture.order(at: now + .seconds(Int64(second))), trust) == (true, .done))
            }
            expectRefusal("older than what was carried out") { _ = try carryOut(first, trust) }
        }
    }

    @Test func `a trust file that others may write is not believed, and a damaged one neither`() throws {
        try with { trust, fixture in
            let path = "\(trust.path)/\(fixture.authority.fingerprint.hexadecimal).json"
            let bytes = try readFile(path)
            try replaceFile(path, with: bytes, mode: 0o666)
            #expect(
                throws: AgentError.notTrusted(path: path, reason: "its mode 666 lets others write to it; run chmod go-w \(path)")
            ) { try carryOut(fixture.order(at: now), trust) }
            try replaceFile(path, with: Array(bytes.dropLast(3)))
            #expect(throws: AgentError.self) { try carryOut(fixture.order(at: now), trust) }
        }
    }
}
