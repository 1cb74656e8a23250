import Identifiers
import Inventory
import Messages
import Sealing
import StrictJSON

extension Exchange {
    /// Compares the host with what was told, and sends what changed, what is due, and a renewal where it is time. Returns the kinds sent.
    ///
    /// - Parameters:
    ///   - isAsked: a person wants it now, whatever was refused before.
    ///   - mayTell: asked when another inventory was found, before anything is sent; where it says no, nothing is, and the facts are to be read again.
    @discardableResult
    package mutating func report(
        _ policy: FreeSpacePolicy, isAsked: Bool = false, mayTell: () -> Bool = { true }
    ) throws(AgentError) -> [MessageKind] {
        guard state.phase == .registered else { return [] }
        let now = context.clock.now()
        var inventory = try context.facts.facts(level: state.customer.level, bootTime: state.told.bootTime)
        var usage = FreeSpaceReport(of: inventory, at: now)
        usage.heardWithinSeconds = heardWithinSeconds
        var digest = inventory.digest
        if inventory.hasSlowFileSystem, digest.description != state.told.inventory, let told = try toldInventory() {
            inventory.keepSizes(of: told)
            digest = inventory.digest
        }
        let findings = RegistrationState.Findings(inventory: digest.description, marks: usage.marks)
        let kinds = state.toSend(findings, policy: policy, now: now, isAsked: isAsked)
        if kinds.contains(.inventory), !mayTell() { return [] }
        var tooLarge: AgentError?
        for kind in kinds {
            do throws(AgentError) {
                switch kind {
                case .renewal: try postRenewal()
                case .inventory: try postInventory(inventory, digest)
                case .freeSpace: try post(.freeSpace(usage)) { $0.freeSpace = usage.marks }
                default: break
                }
            } catch {
                // The others go all the same.
                guard case .messageTooLarge = error else { throw error }
                tooLarge = error
            }
        }
        if kinds.contains(.inventory) || kinds.contains(.freeSpace) {
            state.told.lastReportAt = now
            state.told.bootTime = inventory.host.bootTime
            try save()
        }
        if let tooLarge {
            try note(tooLarge, isOfWriting: true)
            throw tooLarge
        }
        return kinds
    }

    /// The longer one of the interval for free space and the one at which facts are compared.
    var heardWithinSeconds: Int64 {
        let longest = max(context.heardWithin, .seconds(state.intervalSeconds ?? 0))
        return min(max(longest.components.seconds, Registration.silences.lowerBound), Registration.silences.upperBound)
    }

    private mutating func postRenewal() throws(AgentError) {
        var requested = key
        if let next = state.nextKey {
            let pem = try directory.readKey(next.file)
            do throws(SealingError) {
                requested = try PrivateKey(pem: pem)
            } catch {
                throw .stateDamaged(path: "\(directory.path)/\(next.file)", reason: "\(error)")
            }
        }
        let fingerprint = requested.fingerprint
        try post(.renewal(Renewal(certificateRequest: Self.certificateRequest(for: requested)))) { $0.requestedKey = fingerprint }
    }

    /// The difference to what was answered last, where that is smaller; otherwise everything. An initiator that changed is told by it too, and by no
    /// message of its own.
    private mutating func postInventory(_ inventory: Inventory, _ digest: InventoryDigest) throws(AgentError) {
        let bytes = inventory.withoutUsage.jsonBytes
        var contents = InventoryReport.Contents.full(inventory)
        if let old = try toldInventory() {
            if let difference = InventoryDifference(from: old, to: inventory), difference.jsonBytes.count < bytes.count / 2 {
                contents = .difference(difference)
            }
        }
        try directory.write(RegistrationState.inventoryFile(digest.description), bytes)
        try context.reached(.inventoryWritten)
        try post(.inventory(InventoryReport(digest: digest, contents: contents, agentVersion: AgentContext.version))) {
            $0.inventory = digest.description
        }
    }

    /// The copy of what the controller has. Nil where there is none, or where it is damaged: then everything is sent.
    private func toldInventory() throws(AgentError) -> Inventory? {
        guard let digest = state.told.inventory, let bytes = try directory.read(ifPresent: RegistrationState.inventoryFile(digest)) else {
            return nil
        }
        do throws(JSONError) {
            let inventory = try Inventory(json: JSONFields(JSONValue.parse(bytes)))
            return inventory.digest.description == digest ? inventory : nil
        } catch {
            context.log.warning("\(directory.path): the copy of the last inventory is damaged, everything is sent anew: \(error)")
            return nil
        }
    }
}
