import Files
import Glibc
import Identifiers

/// The controller's database. One writer; reads see the last committed state and never wait for it.
package final class Store: Sendable {
    package let directory: DataDirectory
    private let engine: any DatabaseEngine
    private let clock: @Sendable () -> Timestamp

    /// The time of day.
    package static let systemClock: @Sendable () -> Timestamp = {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }

    /// On an engine whose schema is there already, or is made now.
    package init(
        engine: any DatabaseEngine, directory: DataDirectory, migrations: [Migration] = Migration.all,
        clock: @escaping @Sendable () -> Timestamp = Store.systemClock
    ) async throws {
        self.directory = directory
        self.engine = engine
        self.clock = clock
        try await MigrationRunner(path: directory.databasePath, migrations: migrations).run(on: engine, now: clock())
    }

    /// Opens the database of a data directory: checks that it is whole (`StoreError.corrupt` says how to restore), then brings its schema
    /// up to date.
    package convenience init(
        directory: DataDirectory, options: SQLiteEngine.Options = SQLiteEngine.Options(), migrations: [Migration] = Migration.all,
        clock: @escaping @Sendable () -> Timestamp = Store.systemClock
    ) async throws {
        let engine = try SQLiteEngine.open(path: directory.databasePath, options: options)
        do {
            let problems = try await engine.check()
            if let first = problems.first {
                throw StoreError.corrupt(path: directory.databasePath, detail: first)
            }
            try await self.init(engine: engine, directory: directory, migrations: migrations, clock: clock)
        } catch {
            // The first error is the one that tells.
            try? engine.close()
            throw error
        }
    }

    /// Makes the database of a new controller in a data directory that has none.
    package static func create(
        in directory: DataDirectory, controllerID: ControllerID, options: SQLiteEngine.Options = SQLiteEngine.Options(),
        clock: @escaping @Sendable () -> Timestamp = Store.systemClock
    ) async throws -> Store {
        let engine = try SQLiteEngine.create(path: directory.databasePath, options: options)
        let store = try await Store(engine: engine, directory: directory, clock: clock)
        try await store.write { try $0.createController(id: controllerID) }
        return store
    }

    /// Runs `body` on one unchanging state.
    package func read<Value: Sendable>(_ body: @escaping @Sendable (ReadTransaction) throws -> Value) async throws -> Value {
        let now = clock()
        return try await engine.read { try body(ReadTransaction(connection: $0, now: now)) }
    }

    /// Runs `body` in one transaction that nothing else writes beside. When this returns, what it did is on disk; when it throws, nothing
    /// of it is kept. A cancelled task does not interrupt it.
    @discardableResult
    package func write<Value: Sendable>(_ body: @escaping @Sendable (WriteTransaction) throws -> Value) async throws -> Value {
        let clock = clock
        return try await engine.write { connection in
            let transaction = WriteTransaction(connection: connection, now: clock())
            let value = try body(transaction)
            try transaction.keepAuditHead()
            return value
        }
    }

    /// One consistent copy of the database, while it is in use, in a new file of mode 0600.
    func copy(to path: String) async throws { try await engine.copy(to: path) }

    /// What is damaged in the database; empty where nothing is.
    package func check() async throws -> [String] { try await engine.check() }

    package func close() throws { try engine.close() }
}
