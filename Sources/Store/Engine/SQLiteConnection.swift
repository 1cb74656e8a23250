import Foundation
import GRDB

/// One of GRDB's connections, inside a transaction.
final class SQLiteConnection: EngineConnection {
    private let database: Database
    private let path: String

    init(_ database: Database, path: String) {
        self.database = database
        self.path = path
    }

    func execute(_ sql: String, _ arguments: [SQLValue]) throws(StoreError) -> Int {
        do {
            let statement = try database.cachedStatement(sql: sql)
            try statement.execute(arguments: Self.arguments(arguments))
            return database.changesCount
        } catch {
            throw SQLiteEngine.error(from: error, path: path)
        }
    }

    func forEachRow(_ sql: String, _ arguments: [SQLValue], _ body: (Row) throws -> Bool) throws {
        // An error of `body` passes as it is, one of SQLite's is translated.
        let statement: Statement
        let cursor: RowCursor
        do {
            statement = try database.cachedStatement(sql: sql)
            cursor = try GRDB.Row.fetchCursor(statement, arguments: Self.arguments(arguments))
        } catch {
            throw SQLiteEngine.error(from: error, path: path)
        }
        let names = statement.columnNames
        while let row = try next(cursor) {
            let values = names.indices.map { Self.value(row[$0]) }
            guard try body(Row(names: names, values: values)) else { return }
        }
    }

    func executeScript(_ sql: String) throws(StoreError) {
        do { try database.execute(sql: sql) } catch { throw SQLiteEngine.error(from: error, path: path) }
    }

    private func next(_ cursor: RowCursor) throws(StoreError) -> GRDB.Row? {
        do { return try cursor.next() } catch { throw SQLiteEngine.error(from: error, path: path) }
    }

    private static func arguments(_ values: [SQLValue]) -> StatementArguments {
        StatementArguments(
            values.map { value -> DatabaseValue in
                switch value {
                case .null: .null
                case .integer(let integer): integer.databaseValue
                case .text(let text): Self.withoutZeroBytes(text).databaseValue
                case .blob(let bytes): Data(bytes).databaseValue
                }
            })
    }

    /// GRDB would end the text at its first zero byte: `anna` would be found for `anna\0x`.
    private static func withoutZeroBytes(_ text: String) -> String {
        guard text.utf8.contains(0) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value == 0 ? "\u{FFFD}" : $0 }))
    }

    private static func value(_ value: DatabaseValue) -> SQLValue {
        switch value.storage {
        case .null: .null
        case .int64(let integer): .integer(integer)
        case .string(let text): .text(text)
        case .blob(let data): .blob([UInt8](data))
        // No column of ours is REAL (STRICT tables); an expression may be.
        case .double(let number): .text(String(number))
        }
    }
}
