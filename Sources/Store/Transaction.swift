import Identifiers

/// What may be asked of the database inside one `Store.read`: one unchanging state. Queries are extensions of this class, one file for each
/// table, so that a write may ask them too. Never leaves the closure it was given to.
package class ReadTransaction {
    let connection: any EngineConnection
    /// When the transaction began, by the store's clock.
    package let now: Timestamp

    init(connection: any EngineConnection, now: Timestamp) {
        self.connection = connection
        self.now = now
    }

    /// All rows of a statement.
    package func rows(_ sql: String, _ arguments: (any SQLArgument)?...) throws -> [Row] {
        try rows(sql, values: arguments.map { $0?.sqlValue ?? .null })
    }

    package func rows(_ sql: String, values: [SQLValue]) throws -> [Row] {
        var rows: [Row] = []
        try connection.forEachRow(sql, values) { row in
            rows.append(row)
            return true
        }
        return rows
    }

    /// All rows, each turned into a value as it is read.
    package func rows<Value>(_ sql: String, values: [SQLValue], as body: (Row) throws -> Value) throws -> [Value] {
        var result: [Value] = []
        try connection.forEachRow(sql, values) { row in
            result.append(try body(row))
            return true
        }
        return result
    }

    /// The first row, where there is any.
    package func row(_ sql: String, _ arguments: (any SQLArgument)?...) throws -> Row? {
        try row(sql, values: arguments.map { $0?.sqlValue ?? .null })
    }

    package func row(_ sql: String, values: [SQLValue]) throws -> Row? {
        var first: Row?
        try connection.forEachRow(sql, values) { row in
            first = row
            return false
        }
        return first
    }

    /// Each row in turn, without keeping them; `body` returns false to stop, and does not run the same statement again meanwhile.
    package func forEachRow(_ sql: String, _ arguments: (any SQLArgument)?..., body: (Row) throws -> Bool) throws {
        try connection.forEachRow(sql, arguments.map { $0?.sqlValue ?? .null }, body)
    }

    /// The integer in the first column of the first row.
    package func integer(_ sql: String, _ arguments: (any SQLArgument)?...) throws -> Int64? {
        guard let row = try row(sql, values: arguments.map { $0?.sqlValue ?? .null }) else { return nil }
        return if case .integer(let integer)? = row.values.first { integer } else { nil }
    }
}

/// What may be done inside one `Store.write`: all of it is kept, or nothing.
package final class WriteTransaction: ReadTransaction {
    /// The end of the audit chain, once this transaction has added to it.
    var auditHead: AuditHead?

    /// Runs one statement; returns how many rows it changed.
    @discardableResult
    package func execute(_ sql: String, _ arguments: (any SQLArgument)?...) throws(StoreError) -> Int {
        try connection.execute(sql, arguments.map { $0?.sqlValue ?? .null })
    }

    @discardableResult
    package func execute(_ sql: String, values: [SQLValue]) throws(StoreError) -> Int {
        try connection.execute(sql, values)
    }

    /// Runs `body` so that, when it throws, what it did is undone and the rest of the transaction goes on: one message of a batch.
    package func savepoint<Value>(_ body: () throws -> Value) throws -> Value {
        try connection.execute("SAVEPOINT part", [])
        let headBefore = auditHead
        let value: Value
        do {
            value = try body()
        } catch {
            auditHead = headBefore
            // A full disk or an I/O error has ended the whole transaction already; then there is nothing to go back to, and the
            // first error is the one that tells.
            do throws(StoreError) {
                try connection.execute("ROLLBACK TO part", [])
                try connection.execute("RELEASE part", [])
            } catch let second {
                if case .statement = second { throw error }
                throw second
            }
            throw error
        }
        try connection.execute("RELEASE part", [])
        return value
    }
}
