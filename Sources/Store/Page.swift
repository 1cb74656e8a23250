import Identifiers

/// Which part of a list is wanted: at most `limit` entries that come after the one named `after`. Lists go by their key, so that a page costs
/// the same wherever it begins.
package struct PageRequest: Equatable, Sendable {
    package let limit: Int
    /// The `next` of the page before; nil for the first.
    package let after: String?

    package static let maximumLimit = 1_000

    /// A limit outside 1 to 1,000 is brought inside.
    package init(limit: Int = 100, after: String? = nil) {
        self.limit = min(max(limit, 1), Self.maximumLimit)
        self.after = after
    }

    /// `after` as the list's own key. Throws where it is none that a page of the list gave: nothing can be said to come after it.
    func after<Key>(_ key: (String) throws -> Key?) throws -> Key? {
        guard let after else { return nil }
        guard let key = try key(after) else { throw PageError.cursor(after) }
        return key
    }
}

package enum PageError: Error, Equatable, Sendable {
    case cursor(String)
}

extension PageError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .cursor(let text): "after is \"\(text)\", which is no place in this list; give the next of the page before, as it is"
        }
    }
}

/// A part of a list, with the key to go on from where there is more.
package struct Page<Element: Sendable>: Sendable {
    package let elements: [Element]
    package let next: String?

    package init(elements: [Element], next: String?) {
        self.elements = elements
        self.next = next
    }

    /// Of one more element than asked for: the last one tells only that there is more.
    package init(_ fetched: [Element], request: PageRequest, key: (Element) -> String) {
        elements = Array(fetched.prefix(request.limit))
        next = fetched.count > request.limit ? elements.last.map(key) : nil
    }
}

extension Page: Equatable where Element: Equatable {}

extension ReadTransaction {
    /// One page. `sql` orders by its key, an ID, and has, behind `arguments`, a `?` for the ID to come after and one for how many rows to read.
    package func page<Kind: IdentifierKind, Element>(
        _ sql: String, _ arguments: (any SQLArgument)?..., request: PageRequest, key: (Element) -> Identifier<Kind>,
        as body: (Row) throws -> Element
    ) throws -> Page<Element> {
        try page(sql, values: arguments.map { $0?.sqlValue ?? .null }, request: request, key: key, as: body)
    }

    package func page<Kind: IdentifierKind, Element>(
        _ sql: String, values: [SQLValue], request: PageRequest, key: (Element) -> Identifier<Kind>, as body: (Row) throws -> Element
    ) throws -> Page<Element> {
        // Whether there is such a one is not asked: it may be another's, which the answer must not tell.
        let after = try request.after { text in text.hasPrefix(Kind.prefix + "-") ? Identifier<Kind>(text) : nil }
        let values = values + [.text(after?.text ?? ""), .integer(Int64(request.limit) + 1)]
        return Page(try rows(sql, values: values, as: body), request: request) { key($0).text }
    }
}
