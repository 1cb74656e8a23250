// needs: Identifiers ISCSI
// sources: Tests/Fuzz/Shared/Conversations.swift
import ISCSI
import Identifiers

/// An iSNS server that says anything: messages, attributes, queries and registrations. Any cut ends alike, and attributes are written as they were read.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzISNS(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 1 else { return 0 }
    let choice = start[0]
    let bytes = UnsafeRawBufferPointer(start: start + 1, count: count - 1)
    let cut = 1 + Int(choice >> 2)
    switch choice & 3 {
    case 0: check(ISNSQuery(initiator: initiator, random: random), bytes, cut)
    case 1: check(ISNSQuery(initiator: initiator, target: "iqn.2026-11.lab.example:t1", random: random), bytes, cut)
    case 2: check(ISNSRegistration(.register, initiator: initiator, entity: "host.example", random: random), bytes, cut)
    default:
        do throws(ISCSIFault) {
            let attributes = try ISNSAttribute.parse(Array(bytes)[...])
            var written: [UInt8] = []
            for attribute in attributes {
                attribute.append(to: &written)
                if let address = attribute.address { precondition(!address.description.isEmpty, "an address that says nothing") }
                _ = (attribute.port, attribute.text, attribute.number)
            }
            let again = try ISNSAttribute.parse(written[...])
            precondition(
                again.elementsEqual(attributes) { $0.tag == $1.tag && $0.value == $1.value },
                "attributes change when they are written and read")
        } catch {
            isSaid("\(error)")
        }
    }
    return 0
}

private let initiator: InitiatorIdentity = {
    guard let name = ISCSIName("iqn.2026-11.lab.example:host") else { preconditionFailure("a name") }
    return InitiatorIdentity(name: name)
}()
/// The first transaction is 1, as in the corpus.
private let random = RandomSource { [UInt8](repeating: 0, count: $0) }

private func check<C: Conversation>(_ conversation: C, _ bytes: UnsafeRawBufferPointer, _ cut: Int) where C.Answer: Equatable {
    let (whole, _) = spoken(conversation, bytes, cut)
    if case .failed(let fault) = whole { isSaid("\(fault)") }
}
