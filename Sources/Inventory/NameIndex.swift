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

    /// The deepest of the places named here that an absolute path lies on, with how many of the path's bytes name it: `/a` for `/a/b` where there is
    /// no `/a/b`. Whether `path` itself counts, or only what is above it, `itself` says. The path is gone through once, however deep it is.
    package func deepest(holding path: String, itself: Bool = true) -> (position: Int, length: Int)? {
        if isEmpty { return nil }
        var path = path
        return path.withUTF8 { bytes in
            guard bytes.first == Self.slash else { return nil }
            var best = bytes.count > 1 || itself ? find(UnsafeBufferPointer(rebasing: bytes[..<1])).map { (position: $0, length: 1) } : nil
            var (hasher, hashed) = (Hasher(), 0)
            for end in 1..<max(bytes.count + 1, 2) where end == bytes.count ? itself && end > 1 : bytes[end] == Self.slash {
                hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[hashed..<end]))
                hashed = end
                let name = UnsafeBufferPointer(rebasing: bytes[..<end])
                if let position = find(name, hash: hasher.finalize()) { best = (position, end) }
            }
            return best
        }
    }

    private static let slash = UInt8(ascii: "/")

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
        var slot = names[number - 1].withUTF8 { Self.hash($0) } & (slots.count - 1)
        while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = Int32(truncatingIfNeeded: number)
    }

    private func place(of name: String) -> Int? {
        var name = name
        return name.withUTF8 { place(of: $0, hash: slots.isEmpty ? 0 : Self.hash($0)) }
    }

    private func find(_ name: UnsafeBufferPointer<UInt8>) -> Int? { find(name, hash: slots.isEmpty ? 0 : Self.hash(name)) }

    private func find(_ name: UnsafeBufferPointer<UInt8>, hash: Int) -> Int? { place(of: name, hash: hash).map { positions[$0] } }

    private func place(of name: UnsafeBufferPointer<UInt8>, hash: Int) -> Int? {
        if slots.isEmpty { return names.firstIndex { Self.isEqual($0, name) } }
        var slot = hash & (slots.count - 1)
        while slots[slot] != 0 {
            let place = Int(slots[slot]) - 1
            if Self.isEqual(names[place], name) { return place }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// Names are bytes, as the kernel has them: two spellings of one letter are two names.
    private static func isEqual(_ name: String, _ other: UnsafeBufferPointer<UInt8>) -> Bool { name.utf8.elementsEqual(other) }

    private static func hash(_ name: UnsafeBufferPointer<UInt8>) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: UnsafeRawBufferPointer(name))
        return hasher.finalize()
    }
}
