import Identifiers

/// A value as an SQL engine stores it: SQLite's five storage classes without REAL, which no column of ours has.
package enum SQLValue: Equatable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])

    /// For messages about a column of another type than expected.
    var kind: String {
        switch self {
        case .null: "null"
        case .integer: "an integer"
        case .text: "text"
        case .blob: "a blob"
        }
    }
}

/// A type that can be an argument of a statement. `nil` is NULL.
package protocol SQLArgument {
    var sqlValue: SQLValue { get }
}

extension SQLValue: SQLArgument {
    package var sqlValue: SQLValue { self }
}

extension Int64: SQLArgument {
    package var sqlValue: SQLValue { .integer(self) }
}

extension Int: SQLArgument {
    package var sqlValue: SQLValue { .integer(Int64(self)) }
}

extension Bool: SQLArgument {
    package var sqlValue: SQLValue { .integer(self ? 1 : 0) }
}

extension String: SQLArgument {
    package var sqlValue: SQLValue { .text(self) }
}

extension [UInt8]: SQLArgument {
    package var sqlValue: SQLValue { .blob(self) }
}

extension Identifier: SQLArgument {
    package var sqlValue: SQLValue { .text(text) }
}

/// Microseconds since 1970 in UTC.
extension Timestamp: SQLArgument {
    package var sqlValue: SQLValue { .integer(microseconds) }
}

extension ByteCount: SQLArgument {
    package var sqlValue: SQLValue { .integer(bytes) }
}

/// Whole microseconds.
extension Duration: SQLArgument {
    package var sqlValue: SQLValue { .integer(components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000) }
}

/// The 32 bytes.
extension Fingerprint: SQLArgument {
    package var sqlValue: SQLValue { .blob(bytes) }
}
