import Foundation
import HostFacts
import Inventory
import Synchronization
import TestPrograms
import Testing

/// RPM's database: one that RPM made, and headers that nobody should have.
@Suite struct RPMTests {
    private static let rpmbuild = "/usr/bin/rpmbuild"

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: rpmbuild), "rpmbuild is missing: apt-get install rpm"))
    func aDatabaseThatRPMMadeIsRead() throws {
        let tree = try TreeBuilder()
        let packages = NSTemporaryDirectory() + "quartermaster-rpm-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: packages) }
        for (name, version, epoch) in [("postgresql-server", "15.8", "1"), ("bash", "5.2", "0"), ("VRTSvxvm", "8.0.2", "0")] {
            let lines = [
                "Name: \(name)", "Version: \(version)", "Release: 2.el9", epoch == "0" ? "" : "Epoch: \(epoch)", "Summary: x", "License: x",
                "BuildArch: noarch",
                "%description", "x", "%files", "",
            ]
            try tree.file("specs/\(name).spec", lines.joined(separator: "\n"))
            let (status, output) = try ChildProcess.run(
                Self.rpmbuild, ["-bb", "--define", "_topdir \(packages)", "\(tree.root)/specs/\(name).spec"])
            try #require(status == 0, "\(String(decoding: output, as: UTF8.self))")
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(packages)/RPMS/noarch").map { "\(packages)/RPMS/noarch/\($0)" }
        let (status, output) = try ChildProcess.run(
            "/usr/bin/rpm",
            ["--root", tree.root, "--define", "_dbpath /var/lib/rpm", "--define", "_db_backend sqlite", "--justdb", "--nodeps", "-i"]
                + files)
        try #require(status == 0, "\(String(decoding: output, as: UTF8.self))")
        let inventory = try HostReader(sysroot: tree.root).inventory(level: .applications)
        #expect(
            inventory.applications == [
                Inventory.Application(name: "postgresql", version: "1:15.8-2.el9", evidence: "package postgresql-server"),
                Inventory.Application(name: "veritas", version: "8.0.2-2.el9", evidence: "package VRTSvxvm"),
            ])
        #expect(inventory.problems.isEmpty)
    }

    @Test(arguments: ["", "x", "SQLite format 3\0rubbish", String(repeating: "x", count: 8192)])
    func aDatabaseThatIsNoneIsAProblem(content: String) throws {
        let tree = try TreeBuilder()
        try tree.file("var/lib/rpm/rpmdb.sqlite", content)
        let inventory = try HostReader(sysroot: tree.root).inventory(level: .applications)
        #expect(inventory.applications.isEmpty && inventory.problems.map(\.path) == ["/var/lib/rpm/rpmdb.sqlite"])
        let reason = inventory.problems.first?.reason ?? ""
        // SQLite takes a file without a whole page for an empty database.
        #expect(reason == "malformed: it does not have RPM's tables Name and Packages" || reason.hasPrefix("unreadable: SQLite's code "))
    }

    /// Made with SQLite's shell: endless rows of a view, values of gigabytes, a comparison of hours in one step, a view that a row for an index calls a
    /// table, one header under fifty names, a name of 1,214 bytes.
    @Test(arguments: [
        ("rpm-endless", "malformed: it does not have RPM's tables Name and Packages"),
        ("rpm-huge", "malformed: it does not have RPM's tables Name and Packages"),
        ("rpm-generated", "malformed: it does not have RPM's tables Name and Packages"),
        ("rpm-slow", "malformed: it does not have RPM's tables Name and Packages"),
        ("rpm-alias", "malformed: it does not have RPM's tables Name and Packages"),
        ("rpm-again", "malformed: the header of mariadb-server: 4 bytes, expected 8 at least"),
        ("rpm-long", "unreadable: SQLite's code 18"),
    ])
    func aStrangersDatabaseTakesNeitherTimeNorMemory(name: String, reason: String) throws {
        let tree = try TreeBuilder()
        try tree.file("var/lib/rpm/rpmdb.sqlite", bytes: Array(Data(contentsOf: GoldenTests.file("hostile/\(name).sqlite"))))
        let inventory = try HostReader(sysroot: tree.root).inventory(level: .applications)
        #expect(inventory.problems.map(\.reason) == [reason])
    }

    /// RPM's transaction, as it is under way or was broken off: with a journal to be rolled back, as SQLite would do by writing, or with one of the kind
    /// that comes into the database later.
    @Test(arguments: [
        ("wal", "not read: what RPM wrote last stands here, and not in the database yet; it comes there when RPM is done"),
        (
            "journal",
            "not read: RPM is changing the database, or was broken off; what was found may be half of a change until RPM has run again"
        ),
    ])
    func aJournalBesideTheDatabaseIsToldAndLeftAsItIs(kind: String, reason: String) throws {
        let tree = try TreeBuilder()
        let database = try Data(contentsOf: GoldenTests.file("hostile/rpm-again.sqlite"))
        try tree.file("var/lib/rpm/rpmdb.sqlite", bytes: Array(database))
        let journal = kind == "wal" ? [0x37, 0x7F, 0x06, 0x82] + [UInt8](repeating: 0, count: 60) : Self.hotJournal(of: Array(database))
        try tree.file("var/lib/rpm/rpmdb.sqlite-\(kind)", bytes: journal)
        let folder = "\(tree.root)/var/lib/rpm"
        func contents() throws -> [String: Data] {
            var contents: [String: Data] = [:]
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
                contents[name] = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
            }
            return contents
        }
        let before = try contents()
        let inventory = try HostReader(sysroot: tree.root).inventory(level: .applications)
        #expect(try contents() == before)
        #expect(
            inventory.problems.contains(Inventory.Problem(path: "/var/lib/rpm/rpmdb.sqlite-\(kind)", field: "applications", reason: reason))
        )
        // As it stands, not rolled back: the first page would be zeros.
        #expect(inventory.problems.map(\.reason).contains("malformed: the header of mariadb-server: 4 bytes, expected 8 at least"))
    }

    @Test(arguments: [[], [UInt8](repeating: 0, count: 512)])
    func aJournalThatIsDoneWithIsNone(journal: [UInt8]) throws {
        let tree = try TreeBuilder()
        try tree.file("var/lib/rpm/rpmdb.sqlite", bytes: Array(Data(contentsOf: GoldenTests.file("hostile/rpm-again.sqlite"))))
        try tree.file("var/lib/rpm/rpmdb.sqlite-journal", bytes: journal)
        let problems = try HostReader(sysroot: tree.root).inventory(level: .applications).problems
        #expect(problems.map(\.path) == ["/var/lib/rpm/rpmdb.sqlite"])
    }

    /// A journal with one page, of zeros, to be written in the place of the first (sqlite.org/fileformat2.html#the_rollback_journal).
    private static func hotJournal(of database: [UInt8]) -> [UInt8] {
        func word(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
        let page = Int(database[16]) << 8 | Int(database[17])
        let header =
            [0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7] + word(1) + word(0) + word(database.count / page) + word(512) + word(page)
        return header + [UInt8](repeating: 0, count: 512 - header.count) + word(1) + [UInt8](repeating: 0, count: page) + word(0)
    }

    @Test func aDatabaseThatIsWrittenToMeanwhileIsTold() throws {
        let tree = try TreeBuilder()
        let path = "\(tree.root)/var/lib/rpm/rpmdb.sqlite"
        try tree.file("var/lib/rpm/rpmdb.sqlite", bytes: Array(Data(contentsOf: GoldenTests.file("hostile/rpm-again.sqlite"))))
        let isOver = Mutex(false)
        let writer = Thread {
            var second = 1
            while !isOver.withLock({ $0 }) {
                var times = [timespec(tv_sec: second, tv_nsec: 0), timespec(tv_sec: second, tv_nsec: 0)]
                utimensat(AT_FDCWD, path, &times, 0)
                second += 1
            }
        }
        writer.start()
        defer { isOver.withLock { $0 = true } }
        let end = ContinuousClock.now + .seconds(60)
        var isTold = false
        while !isTold, ContinuousClock.now < end {
            let problems = try HostReader(sysroot: tree.root).inventory(level: .applications).problems
            isTold = problems.contains { $0.reason.hasPrefix("not read at one moment: RPM changed it meanwhile") }
        }
        #expect(isTold)
    }

    @Test func anOlderDatabaseIsSaidNotToBeRead() throws {
        let tree = try TreeBuilder()
        try tree.file("var/lib/rpm/Packages", "x")
        let problems = try HostReader(sysroot: tree.root).inventory(level: .applications).problems
        #expect(problems.map(\.reason) == ["not read: Berkeley DB's format, of RPM before 4.16; processes are seen all the same"])
    }

    @Test(
        arguments: [
            [], [0, 0, 0, 1], [0, 0, 0, 1, 0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0],
            [0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0, 0, 0, 0, 9, 1],
        ] as [[UInt8]])
    func aHeaderThatDoesNotFitIsRefused(bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            guard case .failure(let fault) = RPMHeader.parse(bytes) else {
                Issue.record("\(Array(bytes)) was taken")
                return
            }
            #expect(!fault.reason.isEmpty)
        }
    }

    @Test func offsetsBeyondTheDataAreNothing() {
        // One entry: the name, a string, at an offset behind the data.
        let bytes: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 3, 0xE8, 0, 0, 0, 6, 0, 0, 0, 200, 0, 0, 0, 1, 0x61, 0]
        bytes.withUnsafeBytes { #expect(RPMHeader.parse($0) == .success(RPMHeader())) }
    }

    @Test func theBeginningOfAHeaderIsEnoughOrSaysThatItIsNot() throws {
        // The name at the beginning of the data, the version at its end, a kilobyte behind.
        let data = Array("postgresql\0".utf8) + [UInt8](repeating: 0x20, count: 1000) + Array("16.4\0".utf8)
        let bytes: [UInt8] =
            [0, 0, 0, 2, 0, 0, UInt8(data.count >> 8), UInt8(data.count & 0xFF)]
            + [0, 0, 3, 0xE8, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 1] + [0, 0, 3, 0xE9, 0, 0, 0, 6, 0, 0, 3, 0xF3, 0, 0, 0, 1] + data
        let whole = RPMHeader(name: "postgresql", version: "16.4")
        for count in 0...bytes.count {
            bytes.prefix(count).withUnsafeBytes { beginning in
                let header = RPMHeader.parse(beginning: beginning, of: bytes.count)
                #expect(header == (count < bytes.count ? nil : .success(whole)), "of \(count) bytes")
            }
        }
    }
}
