import Identifiers

extension Wizard {
    /// What of this host there is to choose from.
    package struct HostChoices: Equatable, Sendable {
        /// A value to pick, and what is said of it.
        package struct Item: Equatable, Sendable {
            package var value: String
            package var text: String

            package init(_ value: String, _ text: String = "") { (self.value, self.text) = (value, text) }
        }

        /// Networks that could be scanned: `192.0.2.0/24`, of `eth1`.
        package var networks: [Item] = []
        /// What sessions can be bound to, but `default`.
        package var interfaces: [Item] = []
        /// How many addresses this host's lists have.
        package var listed = 0
        package var fibreChannel: [FibreChannelPort] = []
        package var multipathRuns = false
        package var isRoot = true
        /// More addresses are scanned only where that is said.
        package var plainAddresses = 4096

        package init() {}
    }
}
