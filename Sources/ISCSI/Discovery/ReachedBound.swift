/// More of something came than is taken. What was read until then counts; the rest is left out.
package struct ReachedBound: Hashable, Sendable {
    /// In words, for after a number: `portals of one target`.
    package let what: String
    package let limit: Int

    package init(_ what: String, limit: Int) { (self.what, self.limit) = (what, limit) }

    /// Nil of a fault that is none.
    init?(_ fault: ISCSIFault) {
        guard case .tooMuch(let what, let limit) = fault else { return nil }
        self.init(what, limit: limit)
    }
}

extension ReachedBound: CustomStringConvertible {
    package var description: String { "more than \(limit) \(what)" }
}

extension [ReachedBound] {
    /// Each once.
    mutating func note(_ what: String, limit: Int) {
        let bound = ReachedBound(what, limit: limit)
        if !contains(bound) { append(bound) }
    }
}
