/// One step of the schema. Append-only: a migration that any released version has applied is never changed, only followed by another.
package struct Migration: Equatable, Sendable {
    /// `NNNN-name`, in order.
    package let name: String
    /// Statements, each with a semicolon. Comments count for the checksum.
    package let sql: String

    package init(name: String, sql: String) {
        self.name = name
        self.sql = sql
    }

    /// All, in order.
    package static let all: [Migration] = [
        .accounts, .storageSystems, .hosts, .sessions, .notices, .unlocking, .deviceTimes,
        .partialInventories,
    ]
}
