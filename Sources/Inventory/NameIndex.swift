/// Positions by name. A table of its own: Swift's dictionaries look up at run time, once for each process, how their keys are hashed, which costs more
/// than all that they hold on a small host.
package struct NameIndex: Sendable {
    /// Up to so many names are compared one by one.
    private static let few = 8

    private var names: [String] = []
    private var positions: [Int] = []
    /// Places in `names`, from 1, by hash; 0 where there is none. A power of two, at least twice as many as there are names; empty while those are few.
    private var slots: [Int32] = []

    package init() {}

    /// The first of equal names counts.
    package init(_ names: [String]) {
        for (index, name) in names.enumerated() { insert(name, at: index) }
    }

    /// The first of equal names counts; nil has none.
    package init(_ names: [String?]) {
        for (index, name) in names.enumerated() { if let name { insert(name, at: index) } }
    }

    package var isEmpty: Bool { names.isEmpty }

    package subscript(name: String) -> Int? {
        place(of: name).map { positions[$0] }
    }

    /// Does nothing where the name has a position already.
    package mutating func insert(_ name: String, at position: Int) {
        guard place(of: name) == nil else { return }
        append(name, position)
    }

    /// The name's position from here on.
    package mutating func set(_ name: String, to position: Int) {
        if let place = place(of: name) { positions[place] = position } else { append(name, position) }
    }

    private mutating func append(_ name: String, _ position: Int) {
        names.append(name)
        positions.append(position)
        if names.count <= Self.few { return }
        if names.count * 2 <= slots.count { return enter(names.count) }
        slots = Array(repeating: 0, count: max(Self.few * 4, slots.count * 2))
        for number in 1...names.count { enter(number) }
    }

    private mutating func enter(_ number: Int) {
        var slot = names[number - 1].hashValue & (slots.count - 1)
        while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = Int32(truncatingIfNeeded: number)
    }

    private func place(of name: String) -> Int? {
        if slots.isEmpty { return names.firstIndex(of: name) }
        var slot = name.hashValue & (slots.count - 1)
        while slots[slot] != 0 {
            let place = Int(slots[slot]) - 1
            if names[place] == name { return place }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }
}
