import Identifiers

/// Registrations × masking for one initiator: its associations, with what speaks for each.
///
/// - Parameter previous: the associations as they were: one that no longer follows from the view stays, as `stale`, if it ever had
///   a volume; a claim that never met masking goes with the claim.
package func associate(_ view: InitiatorView, previous: [Association] = []) -> [Association] {
    let standing = view.claims
        .filter { $0.state == .standing || $0.state == .awaiting }
        .sorted { ($0.firstClaimedAt, $0.hostID) < ($1.firstClaimedAt, $1.hostID) }
    var result: [Association] = []
    // Claims of other accounts change nothing for the one that the provider named.
    if let assignment = view.assignment, !standing.contains(where: { $0.accountID == assignment.accountID }) {
        result = view.masking.map { declared(view, assignment, $0) }
    }
    let holder = holder(of: standing, view.assignment)
    for claim in standing {
        result += associations(of: claim, holder: holder, in: view)
    }
    let keys = Set(result.map(\.key))
    for old in previous where !keys.contains(old.key) && old.volume != nil && old.state != .conflict {
        var gone = old
        gone.state = .stale
        gone.conflictsWith = nil
        if old.state != .stale { gone.note = whyGone(old, in: view) }
        result.append(gone)
    }
    return result.sorted { order($0) < order($1) }
}

/// The claim that the initiator is believed to belong to: the first one, or the first of the account that the provider named.
package func holder(of claims: [Claim], _ assignment: Assignment?) -> Claim? {
    guard let assignment else { return claims.first }
    return claims.first { $0.accountID == assignment.accountID }
}

private func associations(of claim: Claim, holder: Claim?, in view: InitiatorView) -> [Association] {
    var state: AssociationState = .confirmed
    var note: String?
    var conflictsWith: HostID?
    if let assignment = view.assignment, assignment.accountID != claim.accountID {
        state = .conflict
        conflictsWith = holder?.hostID
        note = "the provider assigned this initiator to another account"
    } else if let holder, holder.hostID != claim.hostID, !shares(claim, holder) {
        state = .conflict
        conflictsWith = holder.hostID
        note =
            "host \(holder.hostID) (\(holder.hostName)) has held this initiator since \(holder.firstClaimedAt); "
            + "\(claim.hostID) (\(claim.hostName)) claimed it at \(claim.firstClaimedAt)"
    } else if claim.state == .awaiting, view.assignment == nil {
        state = .pending
        note = """
            the host claimed this initiator at \(claim.firstClaimedAt), after its registration or while another host held it: \
            waits for association confirm or reject
            """
    }
    let word = claimEvidence(claim, view.assignment)
    if view.masking.isEmpty {
        return [
            Association(
                initiator: view.initiator, hostID: claim.hostID, accountID: claim.accountID, volume: nil,
                state: state == .confirmed ? .pending : state, note: note ?? "no storage system masks a volume to this initiator",
                conflictsWith: conflictsWith, evidence: word.sorted(by: precedes))
        ]
    }
    return view.masking.map { masked in
        var evidence = word
        evidence.append(Evidence(kind: .masking, at: masked.seenAt, source: masked.volume.systemID.text))
        if let device = device(masked.volume.wwid, view.devices[claim.hostID] ?? [], view.initiator) {
            evidence.append(Evidence(kind: .device, at: device.at, source: device.messageID))
        }
        // A session says that somebody is logged in under this name: it speaks for the holder only.
        if state != .conflict, let session = view.sessions.first(where: { $0.systemID == masked.volume.systemID }) {
            evidence.append(Evidence(kind: .session, at: session.at, source: session.systemID.text))
        }
        return Association(
            initiator: view.initiator, hostID: claim.hostID, accountID: claim.accountID, volume: masked.volume, state: state,
            note: note, conflictsWith: conflictsWith, evidence: evidence.sorted(by: precedes))
    }
}

private func declared(_ view: InitiatorView, _ assignment: Assignment, _ masked: MaskedVolume) -> Association {
    var evidence = [
        Evidence(kind: .masking, at: masked.seenAt, source: masked.volume.systemID.text),
        Evidence(kind: .assigned, at: assignment.at, source: assignment.actor),
    ]
    if let session = view.sessions.first(where: { $0.systemID == masked.volume.systemID }) {
        evidence.append(Evidence(kind: .session, at: session.at, source: session.systemID.text))
    }
    return Association(
        initiator: view.initiator, hostID: nil, accountID: assignment.accountID, volume: masked.volume, state: .declared,
        note: "no host of this account has claimed this initiator", evidence: evidence.sorted(by: precedes))
}

private func claimEvidence(_ claim: Claim, _ assignment: Assignment?) -> [Evidence] {
    var evidence = [Evidence(kind: .claim, at: claim.claimedAt, source: claim.messageID)]
    if claim.onAccountPad { evidence.append(Evidence(kind: .accountPad, at: claim.claimedAt, source: claim.padID.text)) }
    if let assignment, assignment.accountID == claim.accountID {
        evidence.append(Evidence(kind: .assigned, at: assignment.at, source: assignment.actor))
    }
    return evidence
}

/// A device counts where the host sees the volume's WWID, unless it says that it sees it through another initiator only.
private func device(_ wwid: String, _ devices: [SeenDevice], _ initiator: InitiatorName) -> SeenDevice? {
    guard let wanted = WWID(wwid) else { return nil }
    return devices.first { $0.wwid == wanted && ($0.initiator == nil || $0.initiator == initiator) }
}

/// Hosts of one account that declare the same cluster share.
private func shares(_ claim: Claim, _ other: Claim) -> Bool {
    claim.accountID == other.accountID && claim.cluster != nil && claim.cluster == other.cluster
}

private func whyGone(_ old: Association, in view: InitiatorView) -> String {
    let masked = view.masking.contains { $0.volume.systemID == old.volume?.systemID && $0.volume.volumeID == old.volume?.volumeID }
    let claimed = view.claims.contains { $0.hostID == old.hostID && ($0.state == .standing || $0.state == .awaiting) }
    let rejected = view.claims.contains { $0.hostID == old.hostID && $0.state == .rejected }
    return switch (masked, claimed) {
    case (_, false) where rejected: "the provider rejected this host's claim of the initiator"
    case (false, true): "the storage system no longer masks the volume to this initiator"
    case (true, false): "the host no longer claims this initiator"
    default: "neither the host nor the storage system names this initiator any more"
    }
}

private func precedes(_ left: Evidence, _ right: Evidence) -> Bool { rank(left.kind) < rank(right.kind) }

private func rank(_ kind: EvidenceKind) -> Int { EvidenceKind.allCases.firstIndex(of: kind) ?? 0 }

private func order(_ association: Association) -> (String, String, String) {
    (association.hostID?.text ?? "", association.volume?.systemID.text ?? "", association.volume?.volumeID ?? "")
}
