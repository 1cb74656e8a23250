// needs: Identifiers ISCSI
// sources: Tests/Fuzz/Shared/Conversations.swift
import ISCSI
import Identifiers

/// The initiator against a portal that says anything: discovery, with digests and mutual CHAP, the probe of a target and the check of credentials. Any cut
/// ends alike, what is sent stays within bounds, and no secret is in it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzISCSILogin(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 1 else { return 0 }
    let choice = start[0]
    let bytes = UnsafeRawBufferPointer(start: start + 1, count: count - 1)
    let cut = 1 + Int(choice >> 4)
    let credentials = choice & 4 == 0 ? nil : choice & 8 == 0 ? oneWay : mutual
    switch choice & 3 {
    case 0 where choice & 4 != 0:
        check(SendTargetsConversation(initiator: initiator, options: LoginOptions(skipsSecurity: true), random: random), bytes, cut)
    case 0: check(SecurityProbe(initiator: initiator, target: target, random: random), bytes, cut)
    case 1: check(CredentialCheck(initiator: initiator, target: target, credentials: credentials, random: random), bytes, cut)
    case 2: check(SendTargetsConversation(initiator: initiator, credentials: credentials, random: random), bytes, cut)
    default:
        let options = LoginOptions(headerDigest: true, dataDigest: true, receiveLength: 8192)
        check(SendTargetsConversation(initiator: initiator, credentials: credentials, options: options, random: random), bytes, cut)
    }
    return 0
}

private let target = "iqn.2026-11.lab.example:t1"
private let initiator: InitiatorIdentity = {
    guard let name = ISCSIName("iqn.2026-11.lab.example:host") else { preconditionFailure("a name") }
    return InitiatorIdentity(name: name, alias: "host")
}()
private let secret = "planted-insecret"
private let mutualSecret = "planted-outsecret"
private let oneWay = CHAPCredentials(user: "inuser", secret: CHAPSecret(secret.utf8))
private let mutual = CHAPCredentials(
    user: "inuser", secret: CHAPSecret(secret.utf8), mutual: .init(user: "outuser", secret: CHAPSecret(mutualSecret.utf8)))
/// The same bytes each time, which the corpus holds too.
private let random = RandomSource { count in (0..<count).map { UInt8(truncatingIfNeeded: 0xA0 + $0) } }

private func check<C: Conversation>(_ conversation: C, _ bytes: UnsafeRawBufferPointer, _ cut: Int) where C.Answer: Equatable {
    let (whole, sent) = spoken(conversation, bytes, cut)
    // Each answer asks for 48 bytes at least, and text is sent but a few times.
    precondition(sent.count <= 65_536 + 8 * bytes.count, "more is sent than was asked for")
    precondition(!contains(sent, Array(secret.utf8)) && !contains(sent, Array(mutualSecret.utf8)), "a secret is sent")
    if case .failed(let fault) = whole {
        let text = "\(fault)"
        isSaid(text)
        precondition(!text.contains("planted"), "a secret is said")
        if let again = conversation.again(after: fault) { precondition(again.again(after: fault) == nil, "more than one attempt more") }
    }
}

private func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
    guard bytes.count >= part.count else { return false }
    return (0...bytes.count - part.count).contains { bytes[$0] == part[0] && bytes[$0..<$0 + part.count].elementsEqual(part) }
}
