import Identifiers
import ScratchPad

/// The files for one host that this process has looked into, so that those which stay there are not opened at each look, and those that cannot
/// be verified are counted once. Bounded: names on a pad are anybody's.
package struct SeenFiles: Sendable {
    private static let capacity = 4096
    private var until: [PadName: Timestamp] = [:]

    package init() {}

    /// Those that were looked into and whose time has not come again. A clock that went back looks again.
    package func notDue(now: Timestamp) -> Set<PadName> {
        Set(until.filter { now < $0.value && now >= $0.value - .seconds(7_200) }.keys)
    }

    package func wasSeen(_ name: PadName) -> Bool { until[name] != nil }

    package mutating func note(_ name: PadName, until time: Timestamp) {
        if until.count >= Self.capacity { until.removeAll() }
        until[name] = time
    }
}
