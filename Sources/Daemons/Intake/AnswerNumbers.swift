import Identifiers
import Store
import Synchronization

/// The controller's numbers: each larger than all before, and not behind the clock.
///
/// A number is kept in the database that the next start goes on behind, so that a clock that was set back makes none smaller.
final class AnswerNumbers: Sendable {
    /// How far ahead of the last number the database is told: in between it is not written.
    private static let reserve: Int64 = 60_000_000

    private let last = Mutex<Int64>(0)

    /// The first of `count` numbers in a row, for what the transaction keeps.
    func take(_ count: Int, in transaction: WriteTransaction) throws -> Int64 {
        let kept = try transaction.messageNumber()
        let (first, taken) = last.withLock { last -> (Int64, Int64) in
            // Behind all numbers of before the start.
            let first = max((last == 0 ? kept : last) + 1, transaction.now.microseconds)
            last = first + Int64(count)
            return (first, last)
        }
        if taken > kept { try transaction.setMessageNumber(taken + Self.reserve) }
        return first
    }
}
