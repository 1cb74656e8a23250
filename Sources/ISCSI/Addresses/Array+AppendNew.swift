extension Array where Element: Hashable {
    /// Appends what does not stand here yet, and says whether it did.
    ///
    /// A few elements are compared one by one. Of more, `seen` becomes the set, so that the longest list that a peer may send takes time by its
    /// length and not by its square. It belongs to this array alone, begins empty, and is emptied where the array changes otherwise.
    package mutating func appendNew(_ element: Element, seen: inout Set<Element>) -> Bool {
        if count < 8 {
            guard !contains(element) else { return false }
        } else {
            if seen.isEmpty { seen = Set(self) }
            guard seen.insert(element).inserted else { return false }
        }
        append(element)
        return true
    }
}
