import Files
import Glibc
import Identifiers
import Testing

@testable import Initiator

@Suite struct DatabaseTests {
    @Test func `records of every form are listed, and what is none of them is left alone`() throws {
        let folder = try TestFolder()
        let nodes = "etc/iscsi/nodes"
        try folder.file(
            "\(nodes)/iqn.2026-11.lab.example:t1/10.99.0.1,3260,1/default", String(decoding: RecordFixture.plain.bytes(), as: UTF8.self))
        try folder.file("\(nodes)/iqn.2026-11.lab.example:t2/10.99.0.1,3260", String(decoding: RecordFixture.flat.bytes(), as: UTF8.self))
        try folder.file(
            "\(nodes)/iqn.2026-11.lab.example:t3/fd00::1,3260,1/default", String(decoding: RecordFixture.ipv6.bytes(), as: UTF8.self))
        try folder.file("\(nodes)/not-a-name/10.99.0.1,3260,1/default", "")
        try folder.file("\(nodes)/iqn.2026-11.lab.example:t1/somewhere/default", "")
        symlink("/etc/passwd", "\(folder.path)/\(nodes)/iqn.2026-11.lab.example:t1/10.99.0.9,3260,1")
        let found = try RecordDatabase(OpenISCSITree(root: folder.path)).all()
        #expect(found.entries.map(\.name.portal) == ["10.99.0.1:3260,1", "10.99.0.1:3260", "[fd00::1]:3260,1"])
        #expect(found.entries.map { $0.record.text("node.name") } == found.entries.map(\.name.spelling))
        #expect(found.faults.count == 1)
    }

    @Test func `a damaged record is told, and hides no other`() throws {
        let folder = try TestFolder()
        try folder.file("etc/iscsi/nodes/iqn.2026-11.lab.example:t1/10.99.0.1,3260,1/default", "a\u{0}b\n")
        try folder.file("etc/iscsi/nodes/iqn.2026-11.lab.example:t1/10.99.0.2,3260,1/default", "node.name = x\n")
        let found = try RecordDatabase(OpenISCSITree(root: folder.path)).all()
        #expect(found.entries.map(\.name.address) == ["10.99.0.2"])
        #expect(found.faults.count == 1)
    }

    @Test func `who asks for all records of a target hears of one that cannot be read, and others do not`() throws {
        let folder = try TestFolder()
        let portal = "etc/iscsi/nodes/iqn.2026-11.lab.example:t1/10.99.0.1,3260,1"
        try folder.file("\(portal)/a", "a\u{0}b\n")
        try folder.file("\(portal)/b", "node.name = x\n")
        try folder.file("etc/iscsi/nodes/iqn.2026-11.lab.example:t2/10.99.0.1,3260,1/default", "node.name = x\n")
        let database = RecordDatabase(OpenISCSITree(root: folder.path))
        #expect(try database.all().entries.map(\.name.interface) == ["b", "default"])
        let error = #expect(throws: SetupError.self) { try database.entries(of: try #require(ISCSIName("iqn.2026-11.lab.example:t1"))) }
        #expect(error?.outcome == .initiatorMisconfigured)
        #expect(error?.description.contains("\(portal)/a") == true)
        #expect(try database.entries(of: try #require(ISCSIName("iqn.2026-11.lab.example:t2"))).count == 1)
    }

    @Test func `an image is put with folders of 0700 and a file of 0600, and back again`() throws {
        let folder = try TestFolder()
        try folder.file("etc/iscsi/iscsid.conf", "")
        let before = folder.picture("etc")
        let database = RecordDatabase(OpenISCSITree(root: folder.path))
        let path = "nodes/iqn.2026-11.lab.example:t1/10.99.0.1,3260,1/default"
        let old = try database.image(path)
        #expect(old.content == .absent)
        try database.put(FileImage(path: path, content: .file([1, 2], mode: 0o600)))
        try database.put(FileImage(path: "static/link", content: .link("/etc/iscsi/nodes/x")))
        let picture = folder.picture("etc")
        #expect(picture["\(folder.path)/etc/iscsi/nodes/iqn.2026-11.lab.example:t1"] == "folder 700")
        #expect(picture["\(folder.path)/etc/iscsi/\(path)"]?.hasPrefix("file 600") == true)
        #expect(try database.image("static/link").content == .link("/etc/iscsi/nodes/x"))
        try database.put(old)
        try database.put(FileImage(path: "static/link", content: .absent))
        try database.removeEmpty(Set(old.folders + ["static"]))
        #expect(folder.picture("etc") == before)
    }

    // MARK: The lock

    private func database(_ folder: TestFolder, patience: Duration) throws -> RecordDatabase {
        try makeDirectories("\(folder.path)/run/lock/iscsi")
        return RecordDatabase(OpenISCSITree(root: folder.path), lockPatience: patience)
    }

    @Test func `the lock is open-iscsi's link, and goes whatever happens`() throws {
        let folder = try TestFolder()
        let lock = try database(folder, patience: .seconds(1)).lock
        let path = "\(folder.path)/run/lock/iscsi/lock.write"
        try lock.whileHeld { () throws(SetupError) in
            var status = stat()
            #expect(lstat(path, &status) == 0 && status.st_nlink == 2)
        }
        #expect(access(path, F_OK) != 0)
        #expect(throws: SetupError.interrupted(step: "x")) { try lock.whileHeld { () throws(SetupError) in throw .interrupted(step: "x") } }
        #expect(access(path, F_OK) != 0)
    }

    @Test func `a lock that was left behind is taken over when it was the same for the whole patience`() throws {
        let folder = try TestFolder()
        let lock = try database(folder, patience: .milliseconds(200)).lock
        let path = "\(folder.path)/run/lock/iscsi"
        try replaceFile("\(path)/lock", with: [])
        #expect(link("\(path)/lock", "\(path)/lock.write") == 0)
        var wasHeld = false
        try lock.whileHeld { () throws(SetupError) in wasHeld = true }
        #expect(wasHeld)
    }

    @Test func `what cannot be read of processes counts as one that holds the lock, and one that has gone does not`() throws {
        let folder = try TestFolder()
        let processes = "\(folder.path)/proc"
        #expect(DatabaseLock.holderRuns(in: processes))
        try folder.file("proc/12/comm", "bash\n")
        try makeDirectories("\(processes)/13")
        try folder.file("proc/self/comm", "iscsiadm\n")
        #expect(!DatabaseLock.holderRuns(in: processes))
        try folder.file("proc/14/comm", "iscsiadm\n")
        #expect(DatabaseLock.holderRuns(in: processes))
        unlink("\(processes)/14/comm")
        #expect(!DatabaseLock.holderRuns(in: processes))
        try makeDirectories("\(processes)/14/comm")
        #expect(DatabaseLock.holderRuns(in: processes))
    }

    @Test func `a directory that others may write to is refused`() throws {
        let folder = try TestFolder()
        let lock = try database(folder, patience: .milliseconds(200)).lock
        chmod("\(folder.path)/run/lock/iscsi", 0o777)
        #expect(throws: SetupError.lockDirectoryOpen(path: "\(folder.path)/run/lock/iscsi")) {
            try lock.whileHeld { () throws(SetupError) in }
        }
    }
}
