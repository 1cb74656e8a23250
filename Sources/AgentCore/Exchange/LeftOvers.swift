import Identifiers
import Synchronization

/// Which pads were looked through for what an earlier process left half written: once for each key and pad, since that lists all that waits there.
package final class LeftOvers: Sendable {
    private struct Place: Hashable {
        let pad: PadID
        let key: Fingerprint
    }

    private let seen = Mutex<Set<Place>>([])

    package init() {}

    /// True the first time, and again after `forget`.
    func mustLook(on pad: PadID, for key: Fingerprint) -> Bool { seen.withLock { $0.insert(Place(pad: pad, key: key)).inserted } }

    /// This process itself may have left something.
    func forget(_ pad: PadID, for key: Fingerprint) { _ = seen.withLock { $0.remove(Place(pad: pad, key: key)) } }
}
