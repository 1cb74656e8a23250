import Foundation
import HostFacts
import Identifiers
import Inventory
import StrictJSON
import Testing

/// Level 4: what is installed or runs, where its data lies, and on which logical units.
@Suite struct ApplicationTests {
    /// `/` on vda1, `/var/lib/postgresql` on a volume of VG over a multipath map, `/srv` on NFS.
    private static func host() throws -> TreeBuilder {
        let tree = try TreeBuilder()
        try tree.host(
            "db7",
            mountinfo: """
                22 1 254:1 / / rw - ext4 /dev/vda1 rw
                30 22 253:2 / /var/lib/postgresql rw - xfs /dev/mapper/vg0-pg rw
                31 22 0:50 / /srv rw - nfs4 filer:/srv rw
                32 22 253:2 /other /opt/bound rw - xfs /dev/mapper/vg0-pg rw

                """)
        try tree.file("proc/1/mountinfo", "22 1 254:1 / / rw - ext4 /dev/vda1 rw\n")
        try tree.device("sys/devices/pci0000:00/virtio0/block/vda", number: "254:0", sectors: 1_000_000)
        try tree.partition(1, of: "vda", number: "254:1", sectors: 900_000)
        try tree.scsiDisk(
            "sda", number: "8:0", unit: "sys/devices/x/6:0:0:1", sectors: 1_000, wwid: "naa.60060160123456780000000000000001", serial: nil)
        try tree.map(1, name: "mpatha", uuid: "mpath-360060160123456780000000000000001", sectors: 1_000, on: ["sda"])
        try tree.map(2, name: "vg0-pg", uuid: "LVM-abcdef", sectors: 900, on: ["dm-1"])
        return tree
    }

    private static let unit = WWID("360060160123456780000000000000001")

    private static func process(_ id: Int, _ command: String, _ arguments: [String] = [], mountinfo: String? = nil, in tree: TreeBuilder)
        throws
    {
        try tree.file("proc/\(id)/comm", command + "\n")
        try tree.file("proc/\(id)/cmdline", ([command] + arguments).map { $0 + "\0" }.joined())
        try tree.file("proc/\(id)/mountinfo", mountinfo ?? "22 1 254:1 / / rw - ext4 /dev/vda1 rw\n")
    }

    private static func read(_ tree: TreeBuilder) throws -> Inventory {
        try HostReader(sysroot: tree.root).inventory(level: .applications)
    }

    @Test func aDirectoryThatAProcessNamesIsTiedToItsLogicalUnits() throws {
        let tree = try Self.host()
        try Self.process(4711, "postgres", ["-D", "/var/lib/postgresql/15/main", "-c", "password=hunter2"], in: tree)
        try Self.process(4712, "postgres", ["checkpointer"], in: tree)
        let inventory = try Self.read(tree)
        #expect(
            inventory.applications == [
                Inventory.Application(
                    name: "postgresql", evidence: "process postgres",
                    directories: [
                        Inventory.DataDirectory(
                            path: "/var/lib/postgresql/15/main", evidence: "option -D of postgres", mountPoint: "/var/lib/postgresql",
                            devices: ["dm-2"], wwids: [Self.unit].compactMap { $0 })
                    ])
            ])
        #expect(!inventory.jsonText.contains("hunter2"))
        #expect(try Inventory(json: JSONFields(JSONValue.parse(inventory.jsonBytes))) == inventory)
    }

    @Test(
        arguments: [
            (["--datadir=/data/a"], ["/data/a"]), (["--datadir", "/data/a"], ["/data/a"]), (["--datadirs=/data/a"], []),
            (["--datadir"], []), (["--datadir=relative"], []), (["--datadir=/a\u{1}b"], []), (["--user=x", "--datadir=/b"], ["/b"]),
        ] as [([String], [String])])
    func optionsAreReadInTheirSpellings(arguments: [String], paths: [String]) throws {
        let tree = try Self.host()
        try Self.process(99, "mariadbd", arguments, in: tree)
        #expect(try Self.read(tree).applications.first?.directories.map(\.path) == paths)
    }

    @Test(
        arguments: [
            "data_directory = '/db/main'\t# use data in another directory", "data_directory='/db/main'", "  data_directory: /db/main",
            "\"data_directory\": \"/db/main\",", "{\"data_directory\":\"/db/main\"}", "data_directory /db/main",
            "#data_directory = '/wrong'\ndata_directory_mode = /wrong\ndata_directory = '/db/main'\r",
        ])
    func aSettingIsReadInItsSpellings(text: String) throws {
        let tree = try Self.host()
        try tree.file("var/lib/dpkg/status", "Package: postgresql-15\nStatus: install ok installed\nVersion: 15.8-0\n")
        try tree.file("etc/postgresql/15/main/postgresql.conf", text + "\n")
        try tree.directory("db/main")
        try tree.directory("var/lib/postgresql/15/main")
        let application = try #require(try Self.read(tree).applications.first)
        #expect(application.version == "15.8-0" && application.evidence == "package postgresql-15")
        #expect(
            application.directories == [
                Inventory.DataDirectory(
                    path: "/db/main", evidence: "setting data_directory in /etc/postgresql/15/main/postgresql.conf", mountPoint: "/",
                    devices: ["vda1"])
            ])
    }

    /// dpkg(1): while an upgrade runs, and after one that failed, the programs are there all the same.
    @Test(arguments: [
        ("install ok installed", true), ("hold ok installed", true), ("deinstall ok installed", true), ("install ok unpacked", true),
        ("install ok half-configured", true), ("install ok triggers-pending", true), ("install ok triggers-awaited", true),
        ("install reinstreq half-installed", true), ("deinstall ok config-files", false), ("unknown ok not-installed", false),
        ("install ok", false), ("", false),
    ])
    func aPackageIsThereWhateverDpkgStillHasToDo(status: String, isThere: Bool) throws {
        let tree = try Self.host()
        try tree.file("var/lib/dpkg/status", "Package: postgresql-15\nStatus: \(status)\nVersion: 15.8-0\n")
        #expect(try Self.read(tree).applications.isEmpty == !isThere)
    }

    /// Anybody may call a process as he likes.
    @Test func ofAProcessThatNamesThousandsOfDirectoriesTheFirstAreTold() throws {
        let tree = try Self.host()
        try Self.process(700, "postgres", (0..<4_000).map { "-D/x\($0)" }, in: tree)
        try Self.process(701, "postgres", ["-D", "/var/lib/postgresql/15/main"], in: tree)
        let application = try #require(try HostReader(sysroot: tree.root).inventory(level: .applications).applications.first)
        #expect(application.directories.count == 17)
        #expect(application.directories.contains { $0.path == "/var/lib/postgresql/15/main" })
    }

    /// Each of them would be gone through from the root, for each of its components, and the daemon's watchdog would end it.
    @Test func deepPathsOfOneApplicationAreFollowedSoFarAndCostNoOther() throws {
        let tree = try Self.host()
        let deep = String(repeating: "/a", count: 300)
        try tree.directory(String(deep.dropFirst()))
        for index in 0..<16 { try tree.directory(String(deep.dropFirst()) + "/\(index)") }
        try tree.link("links/data", to: "/var/lib/postgresql/elsewhere")
        try tree.directory("var/lib/postgresql/elsewhere/db")
        try Self.process(700, "mongod", (0..<16).flatMap { ["--dbpath", "\(deep)/\($0)"] }, in: tree)
        try Self.process(701, "postgres", ["-D", "/links/data/db"], in: tree)
        let inventory = try Self.read(tree)
        let directories = try #require(inventory.applications.first { $0.name == "mongodb" }?.directories)
        #expect(
            directories.count == 16 && directories.count { $0.devices == ["vda1"] } == 13 && directories.count { $0.devices.isEmpty } == 3)
        #expect(
            inventory.problems.map(\.reason) == ["not followed: its application's paths have more than 4096 components in all"])
        #expect(inventory.applications.first { $0.name == "postgresql" }?.directories.first?.devices == ["dm-2"])
    }

    @Test func linksAreFollowedToTheFileSystemThatHoldsTheData() throws {
        let tree = try Self.host()
        try Self.process(5, "mysqld", ["--datadir=/links/data/mysql"], in: tree)
        try tree.link("links/data", to: "/var/lib/postgresql/elsewhere")
        try tree.directory("var/lib/postgresql/elsewhere/mysql")
        #expect(try Self.read(tree).applications.first?.directories.first?.mountPoint == "/var/lib/postgresql")
    }

    @Test func nothingIsAskedOfAFileSystemThatAServerAnswersFor() throws {
        let tree = try Self.host()
        // A link there would be followed, were it looked at.
        try tree.link("srv/data", to: "/var/lib/postgresql")
        try Self.process(5, "mongod", ["--dbpath", "/srv/data/db"], in: tree)
        let directory = try #require(try Self.read(tree).applications.first?.directories.first)
        #expect(directory.path == "/srv/data/db" && directory.mountPoint == "/srv" && directory.devices.isEmpty)
    }

    @Test func aCircleOfLinksEnds() throws {
        let tree = try Self.host()
        try tree.link("links/a", to: "b")
        try tree.link("links/b", to: "a")
        try Self.process(5, "mongod", ["--dbpath", "/links/a/db"], in: tree)
        #expect(try Self.read(tree).applications.first?.directories.map(\.path) == ["/links/a/db"])
    }

    @Test func aContainersDataIsTiedToTheHostsFileSystem() throws {
        let tree = try Self.host()
        try Self.process(
            77, "postgres", ["-D", "/var/lib/postgresql/data"],
            mountinfo: """
                900 850 0:71 / / rw - overlay overlay rw,lowerdir=/a
                912 900 253:2 /volumes/pg /var/lib/postgresql/data rw - xfs /dev/mapper/vg0-pg rw

                """, in: tree)
        let directory = try #require(try Self.read(tree).applications.first?.directories.first)
        #expect(directory.evidence == "option -D of postgres, in a mount namespace of its own")
        #expect(directory.mountPoint == "/var/lib/postgresql" && directory.devices == ["dm-2"])
        #expect(directory.wwids == [Self.unit])
    }

    /// What its own table does not say is not taken from the host's.
    @Test(arguments: [
        ("900 850 253:2 / /elsewhere rw - xfs /dev/mapper/vg0-pg rw\n", 0),
        (String(repeating: "900 850 0:71 / /\(String(repeating: "x", count: 1000)) rw - tmpfs x rw\n", count: 4200), 1),
    ])
    func whatLiesUnderAContainersDataIsToldFromItsWholeTableAlone(mountinfo: String, problems: Int) throws {
        let tree = try Self.host()
        try Self.process(77, "postgres", ["-D", "/var/lib/postgresql/data"], mountinfo: mountinfo, in: tree)
        let inventory = try Self.read(tree)
        let directory = try #require(inventory.applications.first?.directories.first)
        #expect(directory.path == "/var/lib/postgresql/data" && directory.mountPoint == nil && directory.devices.isEmpty)
        #expect(inventory.problems.map(\.path) == (problems == 1 ? ["/proc/77/mountinfo"] : []))
    }

    @Test func ofThousandsOfPackagesOfOneApplicationTheFirstAreTold() throws {
        let tree = try Self.host()
        try tree.file(
            "var/lib/dpkg/status",
            (0..<5_000).map { "Package: oracle-database-\($0)\nStatus: install ok installed\nVersion: 1\n\n" }.joined()
                + "Package: redis-server\nStatus: install ok installed\n")
        let inventory = try Self.read(tree)
        #expect(inventory.applications.count { $0.name == "oracle" } == 64 && inventory.applications.contains { $0.name == "redis" })
        #expect(inventory.problems.map(\.reason) == ["more than 64 packages of oracle: only the first are told"])
    }

    @Test func eachVersionHasTheDirectoryWithItsNumber() throws {
        let tree = try Self.host()
        for (version, full) in [(15, "15.8-0"), (16, "1:16.2-1")] {
            try tree.directory("var/lib/postgresql/\(version)/main")
            let status = (try? String(contentsOfFile: "\(tree.root)/var/lib/dpkg/status", encoding: .utf8)) ?? ""
            try tree.file(
                "var/lib/dpkg/status", status + "Package: postgresql-\(version)\nStatus: install ok installed\nVersion: \(full)\n\n")
        }
        let found = try Self.read(tree).applications.map { [$0.evidence] + $0.directories.map(\.path) }
        #expect(
            found == [
                ["package postgresql-15", "/var/lib/postgresql/15/main"], ["package postgresql-16", "/var/lib/postgresql/16/main"],
            ])
    }

    @Test func aJavaProcessIsKnownByItsMainClass() throws {
        let tree = try Self.host()
        try Self.process(7, "java", ["-Xmx4g", "kafka.Kafka", "/etc/kafka/server.properties"], in: tree)
        try Self.process(8, "java", ["-jar", "other.jar"], in: tree)
        try tree.file("etc/kafka/server.properties", "log.dirs=/var/lib/postgresql/k1,/k2\n")
        try tree.directory("var/lib/postgresql/k1")
        try tree.directory("k2")
        let applications = try Self.read(tree).applications
        #expect(applications.map(\.name) == ["kafka"] && applications.first?.evidence == "process kafka.Kafka")
        #expect(applications.first?.directories.map(\.path) == ["/k2", "/var/lib/postgresql/k1"])
    }

    @Test func otherPackageDatabasesAreRead() throws {
        let tree = try Self.host()
        try tree.directory("var/lib/pacman/local/mariadb-server-11.4.2-1")
        try tree.file("lib/apk/db/installed", "C:Q1\nP:redis\nV:7.2.5-r1\nA:x86_64\n\nP:musl\nV:1\n")
        #expect(
            try Self.read(tree).applications == [
                Inventory.Application(name: "mariadb", version: "11.4.2-1", evidence: "package mariadb-server"),
                Inventory.Application(name: "redis", version: "7.2.5-r1", evidence: "package redis"),
            ])
    }

    /// As they are read: a line that fits no buffer is passed over, and the rest holds.
    @Test(arguments: [
        ("lib/apk/db/installed", "P:redis\nV:7.2.5-r1\n", "P:mariadb-server\nV:11\n"),
        (
            "var/lib/dpkg/status", "Package: redis\nStatus: install ok installed\nVersion: 7.2.5-r1\n",
            "Package: mariadb-server\nStatus: install ok installed\n"
        ),
    ])
    func aPackageDatabaseIsReadLineByLine(path: String, first: String, last: String) throws {
        let tree = try Self.host()
        try tree.file(path, first + "x: " + String(repeating: "y", count: 3 << 20) + "\n\n" + last)
        let inventory = try Self.read(tree)
        #expect(inventory.applications.map(\.name) == ["mariadb", "redis"] && inventory.applications.last?.version == "7.2.5-r1")
        #expect(inventory.problems.map(\.reason) == ["malformed: a line is longer than 1048576 bytes and is not told"])
        #expect(inventory.problems.map(\.path) == ["/" + path])
    }

    /// Names are bytes to the kernel. What stands beside one that is no text is read, and it is told once for each directory, without its bytes.
    @Test func aNameThatIsNotUTF8IsPassedOverAndTold() throws {
        let tree = try Self.host()
        let folders = ["etc/quartermaster/applications.d", "srv9", "var/lib/pacman/local"]
        for folder in folders {
            try tree.directory(folder)
            for name in ["b\u{E9}.conf", "c\u{E9}-1-1"] {
                // Latin-1.
                let path = Array("\(tree.root)/\(folder)/".utf8) + name.unicodeScalars.map { UInt8($0.value) } + [0]
                try #require(path.withUnsafeBytes { mkdir($0.assumingMemoryBound(to: CChar.self).baseAddress!, 0o755) } == 0)
            }
        }
        try tree.file(
            "etc/quartermaster/applications.d/a.conf", "[redis]\ndirectory = /srv9/*\n[ledger]\npackage = ledger\ndirectory = /srv9/*\n")
        try tree.directory("var/lib/pacman/local/redis-7.2.5-1")
        try tree.directory("var/lib/pacman/local/ledger-1-1")
        try tree.directory("srv9/data")
        let inventory = try Self.read(tree)
        #expect(inventory.applications.map(\.name) == ["ledger", "redis"])
        #expect(inventory.applications.allSatisfy { $0.directories.map(\.path) == ["/srv9/data"] })
        #expect(inventory.problems.map(\.path) == folders.map { "/\($0)" })
        #expect(Set(inventory.problems.map(\.reason)) == ["malformed: a name in it is not UTF-8, and is passed over"])
    }

    // MARK: The table

    @Test func anAdministratorExtendsTheTable() throws {
        let tree = try Self.host()
        try tree.file(
            "etc/quartermaster/applications.d/50-ours.conf",
            "# ours\n[ledger]\nprocess = ledgerd\noption = --journal\n[samba]\ntold = no\n[postgresql]\ndirectory = /srv9/pg\n")
        try tree.file("etc/quartermaster/applications.d/notes.txt", "[x\n")
        try Self.process(7, "ledgerd", ["--journal=/var/lib/postgresql/j"], in: tree)
        try Self.process(8, "smbd", in: tree)
        let inventory = try Self.read(tree)
        #expect(inventory.applications.map(\.name) == ["ledger"] && inventory.problems.isEmpty)
        #expect(inventory.applications.first?.directories.first?.devices == ["dm-2"])
    }

    @Test func faultsInTheTableAreToldByLineAndTheRestHolds() throws {
        let tree = try Self.host()
        try tree.file(
            "etc/quartermaster/applications.d/a.conf",
            "process = early\n[Bad Name]\n[ledger]\nprocess = ledgerd\ncolour = red\ndirectory = relative\nsetting = /x\noption = D\ntold = yes\nnothing\nprocess =\n"
        )
        try Self.process(7, "ledgerd", in: tree)
        let inventory = try Self.read(tree)
        #expect(inventory.applications.map(\.name) == ["ledger"])
        let reason = try #require(inventory.problems.first { $0.path.hasSuffix("a.conf") }?.reason)
        for line in [1, 2, 5, 6, 7, 8, 9, 10, 11] { #expect(reason.contains("line \(line): "), "line \(line) of \(reason)") }
        #expect(inventory.problems.count == 1)
    }

    @Test func theBuiltInTableHasNoFaultAndKnowsTheNamedApplications() {
        let (table, faults) = ApplicationTable.parse([ApplicationTable.builtIn])
        #expect(faults == [[]])
        for name in [
            "postgresql", "mariadb", "mysql", "oracle", "mongodb", "db2", "veritas", "pacemaker", "kubernetes", "libvirt", "docker",
            "podman",
        ] {
            #expect(table.row(named: name) != nil, "\(name)")
        }
        // `comm` is cut at 15 bytes.
        for row in table.rows { #expect(row.processes.allSatisfy { $0.utf8.count <= 15 }, "\(row.name)") }
    }

    @Test(
        arguments: [
            ("postgresql-15", "postgresql"), ("postgresql16-server", "postgresql"), ("postgresql-client", nil),
            ("postgresql16-contrib", nil), ("postgresql16", nil),
            ("oracle-database-ee-19c", "oracle"),
            ("mysql-client", nil), ("docker-ce", "docker"), ("", nil),
        ] as [(String, String?)])
    func packagesAreKnownByName(package: String, application: String?) {
        let table = ApplicationTable.parse([ApplicationTable.builtIn]).table
        #expect(table.row(package: package)?.name == application)
    }

    /// The file is the database user's: thousands of ways to write one path, in each of several files, cost what is told of them.
    @Test func aFileThatNamesOnePathInThousandsOfWaysIsReadInPart() throws {
        let tree = try Self.host()
        try tree.file("var/lib/dpkg/status", "Package: postgresql-15\nStatus: install ok installed\nVersion: 15.4\n\n")
        for file in 1...3 {
            let paths = (0..<2_000).map { "/" + String(repeating: "./", count: $0 % 40) + String(repeating: "/", count: $0 / 40) }
            try tree.file("etc/postgresql/15/c\(file)/postgresql.conf", paths.map { "data_directory=\($0)\n" }.joined())
        }
        let inventory = try Self.read(tree)
        let directories = try #require(inventory.applications.first?.directories)
        #expect(directories.count == Inventory.Application.maximumDirectories)
        #expect(
            inventory.problems.map(\.reason).filter { $0.contains("data directories") } == [
                "not all of it is looked at: its application names more than 1024 data directories"
            ])
    }

    /// A process of anybody's name has the agent look in home directories, which are their users'.
    @Test func aDirectoryWithMoreNamesThanAreLookedAtIsTold() throws {
        let tree = try Self.host()
        try Self.process(9, "db2sysc", in: tree)
        try tree.directory("home/mallory")
        for number in 0...16_384 { close(open("\(tree.root)/home/mallory/f\(number)", O_CREAT | O_WRONLY, 0o600)) }
        try tree.file("home/db2inst1/db2inst1/NODE0000/x", "")
        let inventory = try Self.read(tree)
        #expect(inventory.applications.first?.directories.map(\.path) == ["/home/db2inst1/db2inst1/NODE0000"])
        let problem = inventory.problems.first { $0.path == "/home/mallory" }
        #expect(problem?.reason == "not all of it is looked at: it has more than 16384 names")
    }

    @Test func aServerIsFoundAmongTheProcessesOfItsConnections() throws {
        let tree = try Self.host()
        try Self.process(1200, "postgres", ["-D", "/var/lib/postgresql/15/main"], in: tree)
        for number in 10_001...10_040 { try Self.process(number, "postgres", ["app", "app", "192.0.2.1(1234)", "idle"], in: tree) }
        try tree.directory("var/lib/pgsql/data")
        let inventory = try Self.read(tree)
        #expect(inventory.applications.first?.directories.map(\.path) == ["/var/lib/postgresql/15/main"])
        #expect(inventory.problems.isEmpty)
    }
}
