import Files
import GRDB
import Glibc

/// SQLite through GRDB: one writing connection, several reading ones, write-ahead log.
package final class SQLiteEngine: DatabaseEngine {
    package struct Options: Sendable {
        /// How long a statement waits for a lock of another process.
        package var busyTimeout: Duration = .seconds(5)
        package var maximumReaders = 4
        /// For a backup that is looked into.
        package var readOnly = false
        /// One connection and a rollback journal in place of a pool and a write-ahead log: nothing but the file stays behind. For backups.
        package var singleFile = false
        package init() {}
    }

    /// `QMST`, in the file's header: a controller's database (`file` shows it).
    static let applicationID: Int64 = 0x514D_5354

    let path: String
    private let pool: any DatabaseWriter

    /// Makes an empty database in a new file of mode 0600. SQLite gives its `-wal` and `-shm` the mode of the database.
    package static func create(path: String, options: Options = Options()) throws(StoreError) -> SQLiteEngine {
        do throws(FileError) {
            try FileDescriptor(opening: path, flags: O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600).synchronize()
        } catch {
            if error.errno == EEXIST { throw .alreadyExists(path: path) }
            throw Self.error(from: error, path: path)
        }
        return try SQLiteEngine(path: path, options: options, isNew: true)
    }

    package static func open(path: String, options: Options = Options()) throws(StoreError) -> SQLiteEngine {
        do throws(FileError) {
            let status = try FileDescriptor(opening: path, flags: O_RDONLY | O_NONBLOCK).status()
            guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular(path: path) }
            guard status.st_mode & 0o077 == 0 else { throw .tooOpen(path: path, mode: status.st_mode) }
            // An empty file would be taken for an empty database.
            if status.st_size == 0 { throw .system(operation: "open", path: path, errno: ENODATA) }
            // SQLite would open it for reading, and say so only when something is written.
            if !options.readOnly, access(path, W_OK) != 0 { throw .system(operation: "write", path: path, errno: EROFS) }
        } catch {
            if error.errno == ENOENT { throw .missing(path: path) }
            if error.errno == ENODATA { throw .notADatabase(path: path) }
            throw Self.error(from: error, path: path)
        }
        return try SQLiteEngine(path: path, options: options, isNew: false)
    }

    private init(path: String, options: Options, isNew: Bool) throws(StoreError) {
        self.path = path
        var configuration = GRDB.Configuration()
        configuration.label = "quartermaster.store"
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(options.busyTimeout / .seconds(1))
        configuration.maximumReaderCount = options.maximumReaders
        configuration.readonly = options.readOnly
        configuration.prepareDatabase { database in
            // Pages of 4 KiB: 32 MiB for each connection that needs them.
            try database.execute(sql: "PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF")
        }
        do {
            pool =
                if options.singleFile {
                    try DatabaseQueue(path: path, configuration: configuration)
                } else {
                    try DatabasePool(path: path, configuration: configuration)
                }
            try pool.read { database in
                if !isNew, try Int64.fetchOne(database, sql: "PRAGMA application_id") != Self.applicationID {
                    throw StoreError.foreignDatabase(path: path)
                }
            }
            if options.readOnly { return }
            // After opening: GRDB's pool sets NORMAL on the writer once its own set-up is done, whatever was set before.
            try pool.writeWithoutTransaction { database in
                // The log is taken into the database every 8,000 pages: each time costs two more waits for the disk.
                try database.execute(
                    sql: "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 8000; PRAGMA journal_size_limit = 67108864")
                if isNew { try database.execute(sql: "PRAGMA application_id = \(Self.applicationID)") }
            }
        } catch {
            throw Self.error(from: error, path: path)
        }
    }

    package func read<Value: Sendable>(_ body: @escaping @Sendable (any EngineConnection) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            pool.asyncRead { database in
                continuation.resume(
                    with: Result { try body(SQLiteConnection(try database.get(), path: self.path)) }
                        .mapError { Self.translated($0, path: self.path) })
            }
        }
    }

    @discardableResult
    package func write<Value: Sendable>(_ body: @escaping @Sendable (any EngineConnection) throws -> Value) async throws -> Value {
        // Not GRDB's async write: that one gives up when the task is cancelled, and the caller would not know whether it was committed.
        try await withCheckedThrowingContinuation { continuation in
            pool.asyncWriteWithoutTransaction { database in
                continuation.resume(
                    with: Result {
                        var value: Value?
                        try database.inTransaction(.immediate) {
                            value = try body(SQLiteConnection(database, path: self.path))
                            return .commit
                        }
                        guard let value else { throw StoreError.closed(path: self.path) }
                        return value
                    }.mapError { Self.translated($0, path: self.path) })
            }
        }
    }

    package func copy(to path: String) async throws {
        do throws(FileError) {
            try FileDescriptor(opening: path, flags: O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600).synchronize()
        } catch {
            if error.errno == EEXIST { throw StoreError.alreadyExists(path: path) }
            throw Self.error(from: error, path: path)
        }
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            // On a reading connection: the writer goes on. VACUUM INTO takes one snapshot and writes it packed; no transaction may be open.
            pool.asyncRead { database in
                continuation.resume(
                    with: Result {
                        let database = try database.get()
                        try database.execute(sql: "COMMIT")
                        // The engine ends the transaction that it began; a connection that cannot begin one says so at its next use.
                        defer { try? database.execute(sql: "BEGIN DEFERRED") }
                        try database.execute(sql: "VACUUM INTO ?", arguments: [path])
                    }.mapError { Self.translated($0, path: path) })
            }
        }
    }

    package func check() async throws -> [String] {
        try await read { connection in
            var problems: [String] = []
            try connection.forEachRow("PRAGMA quick_check(20)", []) { row in
                if case .text(let text)? = row.values.first, text != "ok" { problems.append(text) }
                return true
            }
            return problems
        }
    }

    package func close() throws {
        // GRDB closes its readers last, and a reader cannot take the log into the database. Where this fails, the log stays, and the next
        // start takes it in.
        try? pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        do { try pool.close() } catch { throw Self.error(from: error, path: path) }
    }
}
