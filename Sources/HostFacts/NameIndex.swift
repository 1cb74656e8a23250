/// Positions by name. One type for all uses: the first of each kind of dictionary in a process costs more than all it holds on a small host.
struct NameIndex {
    private var positions: [String: Int]

    /// The first of equal names counts; nil has none.
    init(_ names: some Sequence<String?>) {
        positions = [:]
        var index = 0
        for name in names {
            if let name, positions[name] == nil { positions[name] = index }
            index += 1
        }
    }

    init() { positions = [:] }

    subscript(name: String) -> Int? {
        get { positions[name] }
        set { positions[name] = newValue }
    }
}
