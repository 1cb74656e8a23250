import Inventory
import Synchronization

/// What the daemon met besides its registrations: told by `status`, and in the metrics file.
package final class Observations: Sendable {
    /// The root helper, as it answered last.
    package enum Helper: Equatable, Sendable {
        /// Nothing was asked of it: this process reads by itself what root reads.
        case unused
        case available
        case missing(reason: String)
    }

    /// The facts as they were read last.
    package struct Facts: Equatable, Sendable {
        package var problemCount = 0
        /// The first ones.
        package var problems: [Inventory.Problem] = []
        package var took = Duration.zero
        package var blockDevices = 0
        package var fileSystems = 0
    }

    private struct Values {
        var helper = Helper.unused
        var facts: Facts?
    }

    private let values = Mutex(Values())
    /// As many problems as are remembered singly.
    package static let problemCapacity = 10

    package init() {}

    package var helper: Helper { values.withLock { $0.helper } }
    package var facts: Facts? { values.withLock { $0.facts } }

    package func set(helper: Helper) { values.withLock { $0.helper = helper } }

    package func note(_ inventory: Inventory, took: Duration) {
        var facts = Facts()
        facts.problemCount = inventory.problems.count
        facts.problems = Array(inventory.problems.prefix(Self.problemCapacity))
        facts.took = took
        facts.blockDevices = inventory.blockDevices.count
        facts.fileSystems = inventory.fileSystems.count
        values.withLock { $0.facts = facts }
    }
}
