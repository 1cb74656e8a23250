/// The transport that an initiator speaks. SAS initiators have a WWN, and are reported but never masked by this project's storage systems.
package enum Transport: String, Hashable, Sendable, CaseIterable {
    case fc, iscsi, nvme, sas
}

/// What a storage system's masking knows a host's port by.
package enum InitiatorName: Hashable, Sendable, Comparable, CustomStringConvertible {
    case wwpn(WWN)
    case iqn(ISCSIName)
    case nqn(NQN)

    /// Any of the three, told apart by its form.
    package init?(_ text: String) {
        if let name = ISCSIName(text) {
            self = .iqn(name)
        } else if let name = NQN(text) {
            self = .nqn(name)
        } else if let name = WWN(text) {
            self = .wwpn(name)
        } else {
            return nil
        }
    }

    package var transport: Transport {
        switch self {
        case .wwpn: .fc
        case .iqn: .iscsi
        case .nqn: .nvme
        }
    }

    package var description: String {
        switch self {
        case .wwpn(let name): name.description
        case .iqn(let name): name.description
        case .nqn(let name): name.description
        }
    }

    package static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}
