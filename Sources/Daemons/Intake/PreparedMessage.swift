import Identifiers
import Inventory
import Messages
import Provider
import Sealing
import Store
import StrictJSON

/// A message with everything that takes time done already: nothing but small reads and writes is left for the transaction.
struct PreparedMessage: Sendable {
    let opened: OpenedMessage
    var part: Part

    enum Part: Sendable {
        case registration(PreparedRegistration)
        case inventory(PreparedInventory)
        /// A difference to an inventory that the controller does not have.
        case inventoryWithoutBase
        case renewal(PreparedRenewal)
        case other
        /// Refused whatever the database says.
        case refused(HostRefusal)
        /// Not looked into: the sender has sent more than its share, and is told so.
        case overLimit(HostRefusal)
    }
}

struct PreparedInventory: Sendable {
    let inventory: Inventory
    /// The sender's.
    let digest: InventoryDigest
    /// The sender knows facts that this controller does not: they are newer, and were passed over.
    let isPartial: Bool
    let bytes: [UInt8]
    let devices: String
    let initiators: [InitiatorName]
    /// The digest of the inventory that a difference was applied to; nil for a whole one.
    let base: InventoryDigest?
    let agentVersion: String

    init(_ inventory: Inventory, digest: InventoryDigest, base: InventoryDigest?, agentVersion: String) {
        self.inventory = inventory
        self.digest = digest
        isPartial = inventory.digest != digest
        bytes = inventory.jsonBytes
        devices = associatedDevices(of: inventory)
        initiators = Array(Set(inventory.initiators.compactMap(\.initiatorName))).sorted()
        self.base = base
        self.agentVersion = agentVersion
    }
}

struct PreparedRegistration: Sendable {
    let registration: Registration
    let inventory: PreparedInventory
    let machineID: String
    let hostName: String
    let publicKey: PublicKey
    /// Nil where it was not asked: the message was handled before, or is refused for what it is.
    var authentication: AuthenticationOutcome?
    /// The host that it will most likely be, and the certificate made for it meanwhile.
    var hostID: HostID
    var certificate: Certificate?
}

struct PreparedRenewal: Sendable {
    let publicKey: PublicKey
    var hostID: HostID?
    var certificate: Certificate?
}

extension PreparedMessage {
    /// Whether the database is asked for it before the transaction.
    var asksFirst: Bool {
        switch part {
        case .registration, .renewal, .inventoryWithoutBase: true
        case .other, .refused, .overLimit, .inventory: false
        }
    }

    /// In place of what was prepared: nothing of it is looked into.
    mutating func refuseForLimit(retryAfter: Duration) {
        let wait = max(1, retryAfter.components.seconds + (retryAfter.components.attoseconds > 0 ? 1 : 0))
        part = .overLimit(
            HostRefusal(
                .limit, "this host sends more than its share: the message was not looked at; send it again after \(wait) s",
                retryAfter: .seconds(wait)))
    }

    /// What can be done without the database.
    init(_ opened: OpenedMessage, now: Timestamp) {
        self.opened = opened
        guard case .message(let message) = opened.content else {
            part = .other
            return
        }
        switch message.body {
        case .registration(let registration): part = Self.registration(registration, message.envelope, opened, now)
        case .renewal(let renewal): part = Self.renewal(renewal)
        case .inventory(let report):
            if case .full(let inventory) = report.contents {
                part = .inventory(PreparedInventory(inventory, digest: report.digest, base: nil, agentVersion: report.agentVersion))
            } else {
                part = .inventoryWithoutBase
            }
        default: part = .other
        }
    }

    /// What needs the database's answers: a difference applied, credentials noted, the certificate made for the host that it will most
    /// likely be.
    mutating func complete(
        _ base: StoredInventory?, _ authentication: AuthenticationOutcome?, host: HostID?, account: AccountID?,
        authority: CertificateAuthority, configuration: IntakeConfiguration, now: Timestamp
    ) {
        func certificate(_ key: PublicKey, _ host: HostID, _ account: AccountID) -> Certificate? {
            do throws(SealingError) {
                return try authority.issue(
                    for: key, role: .host, subjectName: HostCertificateName.text(host, account), now: now,
                    lifetime: configuration.certificateLifetime)
            } catch {
                // The transaction tries again, and there the error counts.
                return nil
            }
        }
        switch part {
        case .registration(var registration):
            registration.authentication = authentication
            if let host { registration.hostID = host }
            if case .accepted(let identity)? = authentication?.decision {
                registration.certificate = certificate(registration.publicKey, registration.hostID, identity.accountID)
            }
            part = .registration(registration)
        case .renewal(var renewal):
            if let host, let account {
                renewal.hostID = host
                renewal.certificate = certificate(renewal.publicKey, host, account)
            }
            part = .renewal(renewal)
        case .inventoryWithoutBase: apply(to: base, version: configuration.version)
        default: break
        }
    }

    /// Applies a difference to the inventory that is kept. Where that gives anything but what the host has, the host is asked for everything:
    /// so it is with the first fact of a kind that this controller does not know, and after a controller of another version kept the base.
    private mutating func apply(to base: StoredInventory?, version: String) {
        guard case .message(let message) = opened.content, case .inventory(let report) = message.body,
            case .difference(let difference) = report.contents, let base, base.digest == difference.from,
            base.partialReader == nil || base.partialReader == version
        else { return }
        do {
            let inventory = try Inventory(json: JSONFields(JSONValue.parse(base.inventory, limits: MessageFormat.limits)))
            let result = try difference.applied(to: inventory, digest: base.digest, isPartial: base.partialReader != nil)
            part = .inventory(PreparedInventory(result, digest: difference.to, base: base.digest, agentVersion: report.agentVersion))
        } catch {
            part = .inventoryWithoutBase
        }
    }

    private static func registration(_ registration: Registration, _ envelope: Envelope, _ opened: OpenedMessage, _ now: Timestamp) -> Part
    {
        if let refusal = registrationAge(now: now, sentAt: envelope.at) { return .refused(refusal) }
        let request: CertificateRequest
        do throws(SealingError) {
            request = try CertificateRequest(der: registration.certificateRequest)
        } catch {
            return .refused(HostRefusal(.malformed, "the certificate request is not accepted: \(error)"))
        }
        guard request.publicKey == opened.signer.publicKey else {
            return .refused(HostRefusal(.malformed, "the certificate request is for another key than the one that signed the registration"))
        }
        let told = registration.inventory.limited(to: Inventory.Level(rawValue: registration.level) ?? .hostAndInitiators)
        let inventory = PreparedInventory(
            told, digest: told == registration.inventory ? registration.inventoryDigest ?? told.digest : told.digest, base: nil,
            agentVersion: registration.agentVersion)
        let host = inventory.inventory.host
        // A host that cannot read its machine ID is known by its key alone: it equals no other.
        let machineID = host.machineID.flatMap { $0.isEmpty ? nil : $0 } ?? "key:" + opened.signer.fingerprint.hexadecimal
        return .registration(
            PreparedRegistration(
                registration: registration, inventory: inventory, machineID: machineID, hostName: host.hostName ?? "",
                publicKey: request.publicKey, authentication: nil, hostID: .random(), certificate: nil))
    }

    private static func renewal(_ renewal: Renewal) -> Part {
        do throws(SealingError) {
            let request = try CertificateRequest(der: renewal.certificateRequest)
            return .renewal(PreparedRenewal(publicKey: request.publicKey, hostID: nil, certificate: nil))
        } catch {
            return .refused(HostRefusal(.malformed, "the certificate request is not accepted: \(error)"))
        }
    }
}
