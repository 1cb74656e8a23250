import Synchronization

/// Memory for lists that come at the same time: of a thousand portals, or of one machine that answers for as many addresses.
///
/// Each list has `own` bytes for itself, and what is beyond comes out of what all of them share.
package final class ListRoom: Sendable {
    package static let own = 64 << 10
    package static let shared = 64 << 20

    private let left: Mutex<Int>

    package init(bytes: Int = shared) { left = Mutex(bytes) }

    /// False where there is not as much; then nothing is taken.
    func take(_ count: Int) -> Bool {
        left.withLock { left in
            guard count <= left else { return false }
            left -= count
            return true
        }
    }

    func giveBack(_ count: Int) { left.withLock { $0 += count } }
}
