import Identifiers
import Messages
import Sealing

/// An order that the controller signed for this host, checked by whoever carries it out: the daemon's word is not taken for any of it.
struct VerifiedOrder: Equatable {
    let controllerKey: Fingerprint
    /// What the controller's certificate calls this host.
    let hostName: String
    let envelope: Envelope
    let instruction: Instruction

    /// Older than that it is not carried out, even if it says nothing of an end.
    static let longestLife = Duration.seconds(30 * 86_400)

    /// Throws `.refused`, whose text says what is not as it must be.
    init(_ order: SignedOrder, now: Timestamp) throws(AgentError) {
        let authority: Certificate
        let certificate: Certificate
        let verified: Verified
        do throws(SealingError) {
            authority = try Certificate(der: order.authority)
            certificate = try Certificate(der: order.certificate)
            verified = try Sealing.verify(order.signed, limit: SignedOrder.maximumBytes, certificateCounts: 1...1)
        } catch {
            throw Self.refusal("the order cannot be read: \(error)")
        }
        guard authority.isAuthority, authority.isSelfIssued, authority.isSigned(by: authority.publicKey) else {
            throw Self.refusal("the certificate of the controller's CA is none")
        }
        if let fault = verified.signer.fault(issuedBy: authority, role: .controllerSigning, at: now) {
            throw Self.refusal("its signer: \(fault)")
        }
        if let fault = certificate.fault(issuedBy: authority, role: .host, at: now) {
            throw Self.refusal("this host's certificate: \(fault)")
        }
        let message: Message
        do throws(MessageError) { message = try Message.parse(verified.payload) } catch { throw Self.refusal("the order: \(error)") }
        guard case .instruction(let instruction) = message.body else { throw Self.refusal("the controller signed no instruction") }
        let envelope = message.envelope
        guard envelope.sender == authority.fingerprint else { throw Self.refusal("it names another controller") }
        guard envelope.recipient == certificate.fingerprint else { throw Self.refusal("it is for another host key") }
        if let expires = instruction.expires, now > expires { throw Self.refusal("it expired at \(expires)") }
        guard now - envelope.at <= Self.longestLife else { throw Self.refusal("it is of \(envelope.at), which is too long ago") }
        controllerKey = authority.fingerprint
        hostName = certificate.subjectName
        self.envelope = envelope
        self.instruction = instruction
    }

    static func refusal(_ text: String) -> AgentError { .refused(reason: "order", text: text) }
}

extension SignedOrder {
    /// The message of an order that its certificates prove now. Whether it is new, and whose orders are taken, is not asked.
    package func verified() throws(AgentError) -> MessageID {
        try VerifiedOrder(self, now: HostClock.system.now()).envelope.messageID
    }
}
