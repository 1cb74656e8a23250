/// What the store asks of an SQL engine. Tests/StoreTests/EngineContract holds every engine to it:
///
/// - `write` runs one body at a time; when it returns, the transaction is on disk; when the body throws, nothing of it is kept.
/// - `read` sees one unchanging state, the last one committed before it began, and never waits for a write nor makes one wait.
/// - A zero byte in text is kept as U+FFFD: engines do not agree about it, and none may cut the text there.
/// - Errors of the engine arrive as `StoreError`.
package protocol DatabaseEngine: Sendable {
    func read<Value: Sendable>(_ body: @escaping @Sendable (any EngineConnection) throws -> Value) async throws -> Value
    @discardableResult
    func write<Value: Sendable>(_ body: @escaping @Sendable (any EngineConnection) throws -> Value) async throws -> Value
    /// One consistent copy, taken while reads and writes go on, in a new file of mode 0600.
    func copy(to path: String) async throws
    /// What is damaged in the database; empty where nothing is.
    func check() async throws -> [String]
    /// No call may follow.
    func close() throws
}

/// A transaction's connection. Used by one thread at a time, inside the closure it was given to.
package protocol EngineConnection: AnyObject {
    /// Runs one statement and returns how many rows it changed. The compiled statement is kept for the next call with the same text.
    @discardableResult
    func execute(_ sql: String, _ arguments: [SQLValue]) throws(StoreError) -> Int
    /// Runs one statement that gives rows; `body` gets each in turn and returns false to stop.
    func forEachRow(_ sql: String, _ arguments: [SQLValue], _ body: (Row) throws -> Bool) throws
    /// Runs statements separated by semicolons, without arguments: migrations.
    func executeScript(_ sql: String) throws(StoreError)
}
