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

    /// The first of `count` numbers in a row.
    func take(_ count: Int, now: Timestamp) -> Int64 {
        last.withLock { last in
            let first = max(last + 1, now.microseconds)
            last = first + Int64(count)
            return first
        }
    }

    /// Behind all numbers of before the start. To be called before `take` in a transaction that keeps what gets the numbers.
    func begin(in transaction: WriteTransaction) throws {
        let kept = try transaction.messageNumber()
        last.withLock { last in if last == 0 { last = kept } }
    }

    /// To be called after `take` in the same transaction.
    func reserve(in transaction: WriteTransaction) throws {
        let taken = last.withLock { $0 }
        if try taken > transaction.messageNumber() { try transaction.setMessageNumber(taken + Self.reserve) }
    }
}
