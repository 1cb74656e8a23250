import Identifiers

/// Registers this initiator with an iSNS server (RFC 4171 section 5.6.5.1), or takes the registration back (section 5.6.5.4).
///
/// Some servers show targets only to initiators that are registered. Discovery itself registers nothing.
package struct ISNSRegistration: Conversation {
    package enum Action: Sendable, Equatable { case register, deregister }

    package struct Answer: Sendable, Equatable {
        /// The entity's identifier that the server keeps; it may be another than was asked for.
        package var entity: String
        /// Seconds after which the server forgets it unless it is renewed; nil where it did not say.
        package var period: UInt32?
        /// False where there was nothing to take back.
        package var wasKnown = true

        package init(entity: String, period: UInt32? = nil, wasKnown: Bool = true) {
            self.wasKnown = wasKnown
            self.entity = entity
            self.period = period
        }
    }

    private let action: Action
    private let initiator: InitiatorIdentity
    private let entity: String
    private let portal: PortalAddress?
    private var transaction: ISNSTransaction
    private var result: Turn<Answer>?

    /// `entity` names the host (its DNS name); `portal` is an address of its own, where it wants to be known by one.
    package init(
        _ action: Action, initiator: InitiatorIdentity, entity: String, portal: PortalAddress? = nil, random: RandomSource = .system
    ) {
        self.action = action
        self.initiator = initiator
        self.entity = entity
        self.portal = portal
        transaction = ISNSTransaction(random: random)
    }

    package mutating func begin(_ output: inout [UInt8]) -> Turn<Answer> {
        typealias Tag = ISNSAttribute.Tag
        let name = ISNSAttribute(Tag.iscsiName, text: initiator.spelling)
        let address =
            portal.map { [ISNSAttribute(Tag.portalAddress, address: $0.host), ISNSAttribute(Tag.portalPort, number: UInt32($0.port))] }
            ?? []
        switch action {
        case .register:
            var attributes = [ISNSAttribute(Tag.entityIdentifier, text: entity), ISNSAttribute(Tag.entityProtocol, number: 2)] + address
            // Node type 2: an initiator.
            attributes += [name, ISNSAttribute(Tag.nodeType, number: 2)]
            if let alias = initiator.alias { attributes.append(ISNSAttribute(Tag.alias, text: alias)) }
            transaction.send(
                ISNSMessage.Function.register, source: initiator.spelling, key: [ISNSAttribute(Tag.entityIdentifier, text: entity)],
                operating: attributes, &output)
        case .deregister:
            // The node and its portal, not the entity: others may be registered in it. The server drops it when it is empty.
            transaction.send(ISNSMessage.Function.deregister, source: initiator.spelling, key: [], operating: [name] + address, &output)
        }
        return .more
    }

    package mutating func receive(_ input: UnsafeRawBufferPointer, _ output: inout [UInt8]) -> Turn<Answer> {
        if let result { return result }
        transaction.append(input)
        do throws(ISCSIFault) {
            guard let response = try transaction.next() else { return .more }
            if action == .deregister, response.status == ISNSStatus.noSuchEntry {
                return end(.done(Answer(entity: entity, wasKnown: false)))
            }
            guard response.status == 0 else { throw .isnsRefused(status: response.status) }
            let attributes = response.attributes
            typealias Tag = ISNSAttribute.Tag
            let entity = attributes.last { $0.tag == Tag.entityIdentifier && !$0.textBytes.isEmpty }.map {
                WireText.excerpt($0.textBytes, limit: 255)
            }
            let period = attributes.last { $0.tag == Tag.registrationPeriod }?.number
            return end(.done(Answer(entity: entity ?? self.entity, period: period)))
        } catch {
            return end(.failed(error))
        }
    }

    package mutating func ended() -> Turn<Answer> {
        if let result { return result }
        return end(.failed(transaction.ended))
    }

    private mutating func end(_ turn: Turn<Answer>) -> Turn<Answer> {
        result = turn
        return turn
    }
}
