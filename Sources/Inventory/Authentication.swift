extension Inventory {
    /// How the ends of an iSCSI session prove who they are (RFC 7143, section 12.1.3).
    package enum Authentication: String, Hashable, Sendable, CaseIterable {
        case none
        /// The target asks the initiator.
        case chap
        /// And the initiator asks the target.
        case mutualCHAP = "mutual-chap"
        /// The kernel tells only root.
        case unknown

        package static let expected = "none, chap, mutual-chap or unknown"
    }
}
