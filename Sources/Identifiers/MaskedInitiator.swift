/// Whom a masking entry lets at a volume: one initiator, or everybody, which is evidence for nobody.
package enum MaskedInitiator: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Written `*`.
    case anybody
    case named(InitiatorName)

    package init?(_ text: String) {
        if text == "*" {
            self = .anybody
        } else if let name = InitiatorName(text) {
            self = .named(name)
        } else {
            return nil
        }
    }

    package var name: InitiatorName? { if case .named(let name) = self { name } else { nil } }

    package var description: String {
        switch self {
        case .anybody: "*"
        case .named(let name): name.description
        }
    }

    package static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}
