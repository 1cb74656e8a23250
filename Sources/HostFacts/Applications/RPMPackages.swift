import CSQLite
import Glibc

/// RPM's database where it is SQLite's (RPM 4.16 and later: RHEL 9, Fedora, Amazon Linux 2023): `rpmdb.sqlite` with the tables
/// `Name(key, hnum, idx)` and `Packages(hnum, blob)`, a header for each package; or ``RPMSlotFile`` (SUSE). Berkeley DB's is said under `problems`.
struct RPMPackages {
    let reader: FactReader

    /// Of those that are wanted; more are passed over.
    private static let maximumPackages = 10_000
    /// In bytes, of a package's name, and of a text of the schema.
    private static let longestText: Int32 = 1024
    /// In bytes: names of files take most of it.
    private static let longestHeader: Int32 = 16 << 20
    private static let directories = ["usr/lib/sysimage/rpm", "var/lib/rpm"]

    /// Only packages whose name is `wanted` are read further.
    func each(_ wanted: @escaping (String) -> Bool, take: (_ package: String, _ version: String?) -> Void) {
        for directory in Self.directories {
            // One directory may be a link to the other: what is found in the first is not looked for in the second.
            if reader.tree.isRegular("\(directory)/rpmdb.sqlite") {
                let database = "\(directory)/rpmdb.sqlite"
                noteJournals(database)
                open(database) { path, descriptor in
                    let before = Moment(descriptor)
                    readSQLite(path, descriptor, wanted, take)
                    if Moment(descriptor) != before {
                        reader.note(
                            path, "applications", "not read at one moment: RPM changed it meanwhile; what was found may be half of a change"
                        )
                    }
                }
                return
            }
            if reader.tree.isRegular("\(directory)/Packages.db") {
                open("\(directory)/Packages.db") { readSlots($0, $1, wanted, take) }
                return
            }
            if reader.tree.isRegular("\(directory)/Packages") {
                reader.note(
                    "\(directory)/Packages", "applications",
                    "not read: Berkeley DB's format, of RPM before 4.16; processes are seen all the same")
                return
            }
        }
    }

    /// What SQLite would put right, or wait for, before it reads: the database is opened as one that nobody changes, so that nothing is locked, written or
    /// removed beside it. What it may not say then is told.
    private func noteJournals(_ database: String) {
        if reader.beginning(ofFile: "\(database)-wal", count: 1) != nil {
            reader.note(
                "\(database)-wal", "applications",
                "not read: what RPM wrote last stands here, and not in the database yet; it comes there when RPM is done")
        }
        // One that is done with is empty, or begins with zeros (sqlite.org/fileformat2.html#the_rollback_journal).
        if reader.beginning(ofFile: "\(database)-journal", count: 1)?.first.map({ $0 != 0 }) == true {
            reader.note(
                "\(database)-journal", "applications",
                "not read: RPM is changing the database, or was broken off; what was found may be half of a change until RPM has run again")
        }
    }

    /// When a file was last written to.
    private struct Moment: Equatable {
        private var size: Int?
        private var seconds: Int?
        private var nanoseconds: Int?

        init(_ descriptor: Int32) {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { return }
            (size, seconds, nanoseconds) = (status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
        }
    }

    private func open(_ path: String, _ read: (String, Int32) -> Void) {
        let descriptor = reader.tree.open(path)
        guard descriptor >= 0 else {
            reader.note(path, "applications", "unreadable: \(FactText.text(ofErrno: errno))")
            return
        }
        defer { close(descriptor) }
        read(path, descriptor)
    }

    private func readSlots(_ path: String, _ descriptor: Int32, _ wanted: @escaping (String) -> Bool, _ take: (String, String?) -> Void) {
        var size = stat()
        guard fstat(descriptor, &size) == 0 else {
            reader.note(path, "applications", "unreadable: \(FactText.text(ofErrno: errno))")
            return
        }
        let file = RPMSlotFile(size: Int64(size.st_size)) { offset, buffer in
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
            return count < 0 ? .failure(RPMHeader.Fault(reason: FactText.text(ofErrno: errno))) : .success(count)
        }
        let (headers, fault) = file.headers()
        if let fault { reader.note(path, "applications", "malformed: \(fault.reason)") }
        for header in headers {
            if let name = header.name, wanted(name) { take(name, header.version) }
        }
    }

    private func readSQLite(_ path: String, _ descriptor: Int32, _ wanted: @escaping (String) -> Bool, _ take: (String, String?) -> Void) {
        var database: OpaquePointer?
        // By its descriptor: the name was resolved inside the tree.
        let code = quartermaster_database_open("file:/proc/self/fd/\(descriptor)?immutable=1", &database)
        guard code == 0, let database else {
            reader.note(
                path, "applications",
                code == Int32(quartermaster_no_sqlite) ? "not read: there is no libsqlite3.so.0" : "unreadable: SQLite's code \(code)")
            return
        }
        defer { quartermaster_database_close(database) }
        // The file may be anybody's. Views, virtual tables and generated columns, which are computed, are not what RPM writes: one step of such a
        // computation may take hours. What a row of the schema makes says its text alone, whatever the other columns call it: a table or an index,
        // or the index of a key, which has none. So nothing but tables can be found under the names of tables.
        var (tables, strange, computed) = (0, 0, 0)
        let schema = """
            SELECT CASE WHEN rootpage < 2 THEN 0 WHEN sql IS NULL THEN type = 'index' AND name LIKE 'sqlite@_autoindex@_%' ESCAPE '@'
            WHEN type = 'table' THEN sql LIKE 'CREATE TABLE %' WHEN type = 'index' THEN sql LIKE 'CREATE INDEX %' ELSE 0 END,
            CASE WHEN type = 'table' THEN name END FROM sqlite_master
            """
        let columns = """
            SELECT hidden, name FROM pragma_table_xinfo('Name') UNION ALL SELECT hidden, name FROM pragma_table_xinfo('Packages')
            """
        guard rows(database, "PRAGMA trusted_schema = OFF", path, { _, _ in }),
            rows(
                database, schema, path,
                { isRPMs, name in
                    if isRPMs != 1 { strange += 1 }
                    if FactText.equal(name, "Name") || FactText.equal(name, "Packages") { tables += 1 }
                }),
            rows(database, columns, path, { hidden, _ in computed += hidden == 0 ? 0 : 1 })
        else { return }
        guard tables == 2, strange == 0, computed == 0 else {
            reader.note(path, "applications", "malformed: it does not have RPM's tables Name and Packages")
            return
        }
        var names: [(number: Int64, name: String)] = []
        // A header is read once, however often it is named.
        var numbers: Set<Int64> = []
        guard
            rows(
                database, "SELECT hnum, key FROM Name", path,
                { number, bytes in
                    if names.count < Self.maximumPackages, let name = String(validating: bytes, as: UTF8.self), wanted(name),
                        numbers.insert(number).inserted
                    {
                        names.append((number, name))
                    }
                })
        else { return }
        for (number, name) in names {
            var headers: [Result<RPMHeader, RPMHeader.Fault>] = []
            let isRead = rows(database, "SELECT hnum, blob FROM Packages WHERE hnum = \(number)", path, longest: Self.longestHeader) {
                _, bytes in
                headers.append(RPMHeader.parse(bytes))
            }
            for header in headers {
                switch header {
                case .success(let header): take(name, header.version)
                case .failure(let fault): reader.note(path, "applications", "malformed: the header of \(name): \(fault.reason)")
                }
            }
            guard isRead else { return }
        }
    }

    /// False where the statement failed, which is noted. `take` escapes in type alone: `withoutActuallyEscaping` puts the length of this file's
    /// path into the program, which then differs from folder to folder.
    private func rows(
        _ database: OpaquePointer, _ statement: String, _ path: String, longest: Int32 = Self.longestText,
        _ take: @escaping (Int64, UnsafeRawBufferPointer) -> Void
    ) -> Bool {
        var row = Row(take: take)
        let code = withUnsafeMutablePointer(to: &row) { row in
            quartermaster_database_rows(
                database, statement, longest,
                { context, number, bytes, count in
                    let row = context?.assumingMemoryBound(to: Row.self)
                    row?.pointee.take(number, UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : Int(count)))
                    return 1
                }, row)
        }
        if code != 0 { reader.note(path, "applications", "unreadable: SQLite's code \(code)") }
        return code == 0
    }

    private struct Row {
        let take: (Int64, UnsafeRawBufferPointer) -> Void
    }
}
