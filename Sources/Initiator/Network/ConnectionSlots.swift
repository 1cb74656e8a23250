import ISCSI

/// The connections of a loop: a fixed number of places, those taken threaded on a list for each kind of deadline.
///
/// All connections of a kind have the same time, so each list is in the order of deadlines, and its head is the next to expire. Memory is that of the
/// places, however many connections pass through them.
struct ConnectionSlots<Talk: Conversation, Errand: Sendable> {
    /// Which time a connection has.
    enum Kind: Int, CaseIterable { case guess, dialled, conversing }

    struct Slot {
        var descriptor: Int32 = -1
        /// Counts who had the place, so that a late event for one before is known as such.
        var generation: UInt32 = 0
        var kind = Kind.guess
        var isGuess = false
        var deadline: Int64 = 0
        var previous = -1
        var next = -1
        var errand: Errand?
        /// Of a connection that stands.
        var exchange: Exchange?
    }

    /// What is said over a connection. Apart from its place: of a scan's thousand places few ever have one.
    final class Exchange {
        var talk: Talk
        /// What is still to be sent, from `sent` on.
        var output: [UInt8] = []
        var sent = 0

        init(_ talk: Talk) { self.talk = talk }
    }

    private(set) var slots: [Slot]
    private var free: [Int]
    private var heads = [Int](repeating: -1, count: Kind.allCases.count)
    private var tails = [Int](repeating: -1, count: Kind.allCases.count)

    init(capacity: Int) {
        slots = []
        slots.reserveCapacity(min(capacity, 64))
        free = []
        self.capacity = capacity
    }

    /// As many places as there may be. Those of a loop that needs few are never made.
    var capacity: Int
    var count: Int { slots.count - free.count }
    var isFull: Bool { count >= capacity }

    subscript(index: Int) -> Slot {
        _read { yield slots[index] }
        _modify { yield &slots[index] }
    }

    /// The connection of an event's number; nil where it is over.
    func index(of number: UInt64) -> Int? {
        let index = Int(number & 0xFFFF_FFFF)
        guard index < slots.count, slots[index].descriptor >= 0, slots[index].generation == UInt32(number >> 32) else { return nil }
        return index
    }

    func number(of index: Int) -> UInt64 { UInt64(slots[index].generation) << 32 | UInt64(index) }

    mutating func take(_ descriptor: Int32, _ kind: Kind, deadline: Int64, isGuess: Bool, errand: Errand) -> Int {
        let index: Int
        if let last = free.popLast() {
            index = last
        } else {
            index = slots.count
            slots.append(Slot())
        }
        slots[index].descriptor = descriptor
        slots[index].isGuess = isGuess
        slots[index].errand = errand
        enlist(index, kind, deadline)
        return index
    }

    /// Moves a connection to the end of another list.
    mutating func move(_ index: Int, to kind: Kind, deadline: Int64) {
        delist(index)
        enlist(index, kind, deadline)
    }

    mutating func release(_ index: Int) {
        delist(index)
        let generation = slots[index].generation &+ 1
        slots[index] = Slot()
        slots[index].generation = generation
        free.append(index)
    }

    /// One whose time is over.
    func expired(now: Int64) -> Int? {
        heads.first { $0 >= 0 && slots[$0].deadline <= now }
    }

    /// When the next one's time is over; nil where there is none.
    var nextDeadline: Int64? {
        heads.lazy.filter { $0 >= 0 }.map { self.slots[$0].deadline }.min()
    }

    /// Any that is taken.
    var any: Int? { heads.first { $0 >= 0 } }

    private mutating func enlist(_ index: Int, _ kind: Kind, _ deadline: Int64) {
        let list = kind.rawValue
        slots[index].kind = kind
        slots[index].deadline = deadline
        slots[index].previous = tails[list]
        slots[index].next = -1
        if tails[list] >= 0 { slots[tails[list]].next = index } else { heads[list] = index }
        tails[list] = index
    }

    private mutating func delist(_ index: Int) {
        let (list, previous, next) = (slots[index].kind.rawValue, slots[index].previous, slots[index].next)
        if previous >= 0 { slots[previous].next = next } else { heads[list] = next }
        if next >= 0 { slots[next].previous = previous } else { tails[list] = previous }
    }
}
