import Glibc

/// Nanoseconds of the monotonic clock: plain numbers, since there are many of them in a pass over idle pads.
struct Instant: Sendable, Comparable {
    let nanoseconds: Int64

    static var now: Self {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }
    static func - (left: Self, right: Self) -> Duration { .nanoseconds(left.nanoseconds - right.nanoseconds) }

    /// So much later, and then up to the next multiple of `PieceQueue.grain`; this very instant where `delay` is zero.
    func later(by delay: Duration) -> Instant {
        let (seconds, attoseconds) = delay.components
        if seconds == 0, attoseconds == 0 { return self }
        let grain = PieceQueue.grain
        let end = nanoseconds + min(seconds, 1 << 32) * 1_000_000_000 + attoseconds / 1_000_000_000
        return Instant(nanoseconds: (end + grain - 1) / grain * grain)
    }
}

/// A piece of a pad's work.
struct Piece: Sendable {
    var dueAt: Instant
    let lane: Int
    /// Usually short: several are taken at one go.
    let isLook: Bool
    /// Returns after how long it is to run again; nil: no more.
    let work: @Sendable () -> Duration?
}

/// Pieces by the time at which they are due, then by order of entry. Those for one time are kept together: adding and taking one costs the same
/// however many there are.
struct PieceQueue: Sendable {
    /// Nanoseconds that times are rounded up to.
    static let grain: Int64 = 10_000_000

    /// What is due, oldest first, from `taken` on.
    private var due: [Piece?] = []
    private var taken = 0
    private var later: [Int64: [Piece]] = [:]
    /// The times of `later`, the last one first.
    private var times: [Int64] = []

    /// When the first piece is due; nil where there is none.
    var firstDue: Instant? {
        if taken < due.count, let first = due[taken] { return first.dueAt }
        return times.last.map { Instant(nanoseconds: $0) }
    }

    mutating func push(_ piece: Piece, now: Instant) {
        if piece.dueAt <= now { return due.append(piece) }
        let time = piece.dueAt.nanoseconds
        if later[time]?.append(piece) == nil {
            later[time] = [piece]
            times.insert(time, at: times.firstIndex { $0 < time } ?? times.endIndex)
        }
    }

    /// Puts a piece that was due, and had its turn, before all others: what came after it in its lane still comes after it.
    mutating func putBack(_ piece: Piece) {
        guard taken > 0 else { return due.insert(piece, at: 0) }
        taken -= 1
        due[taken] = piece
    }

    /// The next piece that is due, where `accept` takes it.
    mutating func popDue(_ now: Instant, where accept: (Piece) -> Bool) -> Piece? {
        while let time = times.last, time <= now.nanoseconds {
            times.removeLast()
            guard let pieces = later.removeValue(forKey: time) else { continue }
            if taken == due.count { (due, taken) = (pieces, 0) } else { due += pieces }
        }
        guard taken < due.count, let piece = due[taken], accept(piece) else { return nil }
        // What a piece holds goes with it.
        due[taken] = nil
        taken += 1
        if taken == due.count {
            due.removeAll(keepingCapacity: due.count <= 1_024)
            taken = 0
        } else if taken >= 4_096, taken * 2 > due.count {
            due.removeFirst(taken)
            taken = 0
        }
        return piece
    }
}
