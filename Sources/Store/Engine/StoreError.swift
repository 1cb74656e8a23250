/// What went wrong with the database. Each case is told apart because somebody does something else about it.
package enum StoreError: Error, Equatable, Sendable {
    /// There is no database at `path`.
    case missing(path: String)
    case alreadyExists(path: String)
    /// The file's mode lets others at it.
    case tooOpen(path: String, mode: UInt32)
    /// Another process holds a lock on the database for longer than the busy timeout.
    case locked(path: String)
    /// The file system is full, or a quota or limit on file size is reached.
    case full(path: String)
    case readOnly(path: String)
    case corrupt(path: String, detail: String)
    /// The file is no SQLite database.
    case notADatabase(path: String)
    /// A SQLite database, but not a controller's.
    case foreignDatabase(path: String)
    case cannotOpen(path: String, detail: String)
    case inputOutput(path: String, detail: String)
    /// The database has a migration that this program does not know.
    case newerSchema(path: String, migration: String)
    /// A migration that was applied reads otherwise in this program.
    case changedMigration(path: String, migration: String)
    /// A write that the schema forbids. `subject` names tables and columns (`domains.name`), where the engine says which.
    case constraint(ConstraintKind, subject: String)
    /// A column that is not what the schema promises.
    case column(name: String, expected: String, found: String)
    /// Anything else: a statement of ours that is wrong.
    case statement(code: Int32, message: String)
    case closed(path: String)

    package enum ConstraintKind: String, Equatable, Sendable {
        case unique, foreignKey, check, notNull, other
    }

    /// Whether it was `kind` that a write broke.
    package func isConstraint(_ kind: ConstraintKind) -> Bool {
        if case .constraint(kind, _) = self { true } else { false }
    }

    /// Whether one statement was refused for what it said, and not the database for what it is: another transaction may go well.
    package var isOfOneStatement: Bool {
        switch self {
        case .constraint, .column: true
        // TOOBIG, MISMATCH, RANGE (https://www.sqlite.org/rescode.html): all else, such as a lack of memory, is the database's.
        case .statement(let code, _): [18, 20, 25].contains(code & 0xff)
        default: false
        }
    }
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missing(let path):
            "there is no database at \(path); make one with `quartermaster init`, or put a backup back with `quartermaster restore`"
        case .alreadyExists(let path):
            "\(path) exists already; nothing was changed. Name another place, or remove it first"
        case .tooOpen(let path, let mode):
            "\(path) holds secrets, and its mode \(String(mode & 0o7777, radix: 8)) lets others at it; run chmod 600 \(path)"
        case .locked(let path):
            "the database \(path) is locked by another process; find it with `fuser \(path)`, stop it, and try again"
        case .full(let path):
            "no room is left to write the database \(path); free space on its file system. Nothing half-written was kept"
        case .readOnly(let path):
            "the database \(path) is read-only; check its mode and owner, and whether its file system is mounted read-only"
        case .corrupt(let path, let detail):
            """
            the database \(path) is damaged (\(detail)). Nothing was started. Move the data directory aside and put the last backup back: \
            `quartermaster restore BACKUP --data-directory DIR`
            """
        case .notADatabase(let path):
            """
            \(path) is not a database. Move the data directory aside and put the last backup back: \
            `quartermaster restore BACKUP --data-directory DIR`
            """
        case .foreignDatabase(let path):
            "\(path) is a database of another program, not of a controller; name the controller's data directory"
        case .cannotOpen(let path, let detail):
            "cannot open the database \(path) (\(detail)); check that the directory exists and belongs to the user the controller runs as"
        case .inputOutput(let path, let detail):
            "reading or writing the database \(path) failed (\(detail)); look in the kernel's log for a failing disk or mount"
        case .newerSchema(let path, let migration):
            "the database \(path) was written by a newer version of this program (it has \(migration)); install that version or a later one"
        case .changedMigration(let path, let migration):
            """
            migration \(migration) of the database \(path) is not the one that this program knows; install the version that wrote it, \
            or put a backup back
            """
        case .constraint(let kind, let subject):
            "the database refused a write: \(kind.rawValue) constraint on \(subject)"
        case .column(let name, let expected, let found):
            "column \(name) of the database holds \(found) where \(expected) is expected"
        case .statement(let code, let message):
            "the database refused a statement: \(message) (SQLite code \(code)); this is a fault of the program, please report it"
        case .closed(let path):
            "the database \(path) is closed already"
        }
    }
}
