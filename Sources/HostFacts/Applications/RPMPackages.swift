import CSQLite
import Glibc

/// RPM's database where it is SQLite's (RPM 4.16 and later: RHEL 9, Fedora, Amazon Linux 2023): `rpmdb.sqlite` with the tables
/// `Name(key, hnum, idx)` and `Packages(hnum, blob)`, a header for each package. Older formats are told by their name under `problems`.
struct RPMPackages {
    let reader: FactReader

    private static let directories = ["usr/lib/sysimage/rpm", "var/lib/rpm"]

    /// Only packages whose name is `wanted` are read further.
    func each(_ wanted: (String) -> Bool, take: (_ package: String, _ version: String?) -> Void) {
        for directory in Self.directories {
            let path = "\(directory)/rpmdb.sqlite"
            guard reader.tree.isRegular(path) else {
                for old in ["Packages", "Packages.db"] where reader.tree.isRegular("\(directory)/\(old)") {
                    reader.note(
                        "\(directory)/\(old)", "applications", "not read: a format of RPM before 4.16; processes are seen all the same")
                }
                continue
            }
            read(path, wanted, take)
            // One may be a link to the other.
            return
        }
    }

    private func read(_ path: String, _ wanted: (String) -> Bool, _ take: (String, String?) -> Void) {
        let descriptor = reader.tree.open(path)
        guard descriptor >= 0 else {
            reader.note(path, "applications", "unreadable: \(FactText.text(ofErrno: errno))")
            return
        }
        defer { close(descriptor) }
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
        var names: [(number: Int64, name: String)] = []
        guard
            rows(
                database, "SELECT hnum, key FROM Name", path,
                { number, bytes in
                    if names.count < 10_000, let name = String(validating: bytes, as: UTF8.self), wanted(name) {
                        names.append((number, name))
                    }
                })
        else { return }
        for (number, name) in names {
            let isRead = rows(database, "SELECT hnum, blob FROM Packages WHERE hnum = \(number)", path) { _, bytes in
                switch RPMHeader.parse(bytes) {
                case .success(let header): take(name, header.version)
                case .failure(let fault): reader.note(path, "applications", "malformed: the header of \(name): \(fault.reason)")
                }
            }
            guard isRead else { return }
        }
    }

    /// False where the statement failed, which is noted.
    private func rows(_ database: OpaquePointer, _ statement: String, _ path: String, _ take: (Int64, UnsafeRawBufferPointer) -> Void)
        -> Bool
    {
        let code = withoutActuallyEscaping(take) { take in
            var row = Row(take: take)
            return withUnsafeMutablePointer(to: &row) { row in
                quartermaster_database_rows(
                    database, statement,
                    { context, number, bytes, count in
                        let row = context?.assumingMemoryBound(to: Row.self)
                        row?.pointee.take(number, UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : Int(count)))
                        return 1
                    }, row)
            }
        }
        if code != 0 { reader.note(path, "applications", "unreadable: SQLite's code \(code)") }
        return code == 0
    }

    private struct Row {
        let take: (Int64, UnsafeRawBufferPointer) -> Void
    }
}
