import StrictJSON

/// The kinds of message, as the member `kind` spells them.
package enum MessageKind: String, Equatable, Sendable, CaseIterable {
    // From a host.
    case registration
    case inventory
    case freeSpace = "free-space"
    case event
    case acknowledgement
    case renewal
    case farewell
    // From the controller.
    case reply
    case instruction

    package var isFromController: Bool { self == .reply || self == .instruction }
}

/// What a message says.
package enum MessageBody: Equatable, Sendable {
    case registration(Registration)
    case inventory(InventoryReport)
    case freeSpace(FreeSpaceReport)
    case event(HostEvent)
    case acknowledgement(Acknowledgement)
    case renewal(Renewal)
    case farewell(Farewell)
    case reply(Reply)
    case instruction(Instruction)

    package var kind: MessageKind {
        switch self {
        case .registration: .registration
        case .inventory: .inventory
        case .freeSpace: .freeSpace
        case .event: .event
        case .acknowledgement: .acknowledgement
        case .renewal: .renewal
        case .farewell: .farewell
        case .reply: .reply
        case .instruction: .instruction
        }
    }

    init(kind: MessageKind, json: JSONFields) throws(JSONError) {
        switch kind {
        case .registration: self = .registration(try Registration(json: json))
        case .inventory: self = .inventory(try InventoryReport(json: json))
        case .freeSpace: self = .freeSpace(try FreeSpaceReport(json: json))
        case .event: self = .event(try HostEvent(json: json))
        case .acknowledgement: self = .acknowledgement(try Acknowledgement(json: json))
        case .renewal: self = .renewal(try Renewal(json: json))
        case .farewell: self = .farewell(try Farewell(json: json))
        case .reply: self = .reply(try Reply(json: json))
        case .instruction: self = .instruction(try Instruction(json: json))
        }
    }
}

extension MessageBody: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        switch self {
        case .registration(let body): body.write(to: &writer)
        case .inventory(let body): body.write(to: &writer)
        case .freeSpace(let body): body.write(to: &writer)
        case .event(let body): body.write(to: &writer)
        case .acknowledgement(let body): body.write(to: &writer)
        case .renewal(let body): body.write(to: &writer)
        case .farewell(let body): body.write(to: &writer)
        case .reply(let body): body.write(to: &writer)
        case .instruction(let body): body.write(to: &writer)
        }
    }
}
