extension Wizard {
    /// A question by its name: the key of its answer in a file of answers. In the order in which they are asked.
    package enum Field: String, CaseIterable, Hashable, Sendable {
        case transport
        /// Fibre Channel: whether the kernel shall look again.
        case rescan
        /// By scan, address, iSNS, or this host's lists.
        case find
        case subnet
        case largeScan = "large-scan"
        case portal
        case isns
        case discoveryUser = "discovery-chap-user"
        case discoverySecret = "discovery-chap-secret-file"
        case discoveryMutual = "discovery-mutual"
        case discoveryMutualUser = "discovery-mutual-user"
        case discoveryMutualSecret = "discovery-mutual-secret-file"
        case target
        case portals
        case interface
        case chapUser = "chap-user"
        case chapSecret = "chap-secret-file"
        case mutual
        case mutualUser = "mutual-user"
        case mutualSecret = "mutual-secret-file"
        case startup
        case expectedWWIDs = "expect-wwid"
        case install
        case confirm
        /// After a failure that no other answer would change. Never in a file of answers.
        case again

        package static let answerable = allCases.filter { $0 != .again }

        /// Its answer is the name of a file, or `-` for a secret that is typed.
        package var isSecret: Bool { [.discoverySecret, .discoveryMutualSecret, .chapSecret, .mutualSecret].contains(self) }

        /// Those whose answers say nothing any more where this one has another answer than before.
        var dependents: [Field] {
            switch self {
            // Whoever answers elsewhere gets no proof of the secrets of before.
            case .find, .subnet: [.largeScan, .portals, .discoverySecret, .discoveryMutualSecret, .chapSecret, .mutualSecret]
            case .portal, .isns: [.portals, .discoverySecret, .discoveryMutualSecret, .chapSecret, .mutualSecret]
            case .target: [.portals, .chapUser, .chapSecret, .mutual, .mutualUser, .mutualSecret, .startup, .expectedWWIDs]
            default: []
            }
        }
    }
}
