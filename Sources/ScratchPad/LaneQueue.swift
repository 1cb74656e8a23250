/// The names that wait in a pad, shared out by lane: each lane in turn gives the oldest of its names. Names of no lane share one.
struct LaneQueue: Sendable {
    private var names: [Lane?: ArraySlice<PadName>] = [:]
    /// Lanes with names, in order; `nil` stands for names of no lane, and comes first.
    private var order: [Lane?] = []
    /// Where the last pass stopped: the next begins behind it, so that the same lanes are not always first.
    private var last: Lane??
    private var turn = 0

    var isEmpty: Bool { names.isEmpty }

    mutating func replace(with found: [PadName]) {
        var lanes: [Lane?: [PadName]] = [:]
        for name in found { lanes[MessageFileName(name)?.lane, default: []].append(name) }
        names = lanes.mapValues { $0.sorted()[...] }
        order = names.keys.sorted(by: Self.precedes)
        turn = last.flatMap { last in order.firstIndex { Self.precedes(last, $0) } } ?? 0
    }

    func lanes(above limit: Int) -> [Lane: Int] {
        var result: [Lane: Int] = [:]
        for case (let lane?, let waiting) in names where waiting.count > limit { result[lane] = waiting.count }
        return result
    }

    func waiting(in lane: Lane) -> [PadName] { Array(names[lane] ?? []) }

    /// Leaves each lane its first `count` names, and takes out at most `limit` of those behind. Says how many more than `count` were of no lane.
    mutating func cut(to count: Int, taking limit: Int) -> (odd: Int, names: [PadName]) {
        var taken: [PadName] = []
        let odd = max(0, (names[nil]?.count ?? 0) - count)
        for lane in order where taken.count < limit { taken += cut(lane, to: count, taking: limit - taken.count) }
        return (odd, taken)
    }

    /// Leaves a lane its first `count` names, at least one, and takes out at most `limit` of those behind.
    mutating func cut(_ lane: Lane?, to count: Int, taking limit: Int) -> [PadName] {
        guard let waiting = names[lane], waiting.count > max(1, count) else { return [] }
        let taken = waiting.dropFirst(max(1, count)).suffix(limit)
        names[lane] = waiting.dropLast(taken.count)
        return Array(taken)
    }

    /// The next name. Of two calls one prefers lanes that `prefers` likes, where there are any.
    mutating func next(prefers: (Lane) -> Bool) -> PadName? {
        guard !order.isEmpty else { return nil }
        wantsPreferred.toggle()
        var index = turn % order.count
        if wantsPreferred, let better = preferredIndex(from: index, prefers) { index = better }
        let lane = order[index]
        guard var waiting = names[lane], let name = waiting.popFirst() else { return nil }
        last = .some(lane)
        if waiting.isEmpty {
            names[lane] = nil
            order.remove(at: index)
            turn = index
        } else {
            names[lane] = waiting
            turn = index + 1
        }
        return name
    }

    private var wantsPreferred = false

    private func preferredIndex(from start: Int, _ prefers: (Lane) -> Bool) -> Int? {
        for step in 0..<order.count {
            let index = (start + step) % order.count
            if let lane = order[index], prefers(lane) { return index }
        }
        return nil
    }

    private static func precedes(_ left: Lane?, _ right: Lane?) -> Bool {
        switch (left, right) {
        case (_, nil): false
        case (nil, _?): true
        case (let left?, let right?): left < right
        }
    }
}
