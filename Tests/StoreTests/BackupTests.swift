import Files
import Foundation
import Identifiers
import Provider
import Sealing
import Store
import TestSupport
import Testing

@Suite struct Backups {
    private static let root = Actor.provider("root")

    /// With keys that are no keys.
    private func restore(_ file: String, _ directory: DataDirectory, time: ManualTime? = nil) -> Restore {
        Restore(backup: file, directory: directory, clock: time?.clock ?? Store.systemClock, checkKeys: { _ in })
    }

    private func names(_ path: String) throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

    @Test func `a backup taken under write load is one whole state, and the load goes on`() async throws {
        try await withStore { store, _ in
            try makeDirectories(store.directory.keysPath)
            try replaceFile("\(store.directory.keysPath)/ca.pem", with: Array("secret".utf8))
            let file = "\(store.directory.path)/../backup"
            let stop = StopFlag()
            async let load = Self.write(store, until: stop)
            var found = 0
            for round in 0..<3 {
                let summary = try await store.backUp(to: file, replacing: round > 0, by: Self.root)
                #expect(summary.files == 1)
                // Every transaction adds two accounts: an odd number would be half of one.
                let directory = DataDirectory("\(store.directory.path)/../restored-\(round)")
                _ = try await restore(file, directory).run(by: Self.root)
                let restored = try await Store(directory: directory)
                let count = try await restored.read { try $0.integer("SELECT count(*) FROM accounts") ?? -1 }
                #expect(count % 2 == 0)
                #expect(count >= found)
                found = Int(count)
                let verification = try await restored.verifyAudit()
                #expect(verification.fault == nil)
                try restored.close()
            }
            stop.stop()
            let written = try await load
            #expect(written >= found)
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions]
            #expect(mode as? Int == 0o600)
            #expect(try names("\(store.directory.path)/..").filter { $0.hasPrefix(".") } == [])
        }
    }

    private static func write(_ store: Store, until stop: StopFlag) async throws -> Int {
        var number = 0
        while !stop.isStopped {
            let base = number
            try await store.write { transaction in
                _ = try transaction.createAccount(name: Name("Load \(base)"), by: root)
                _ = try transaction.createAccount(name: Name("Load \(base + 1)"), by: root)
            }
            number += 2
        }
        return number
    }

    @Test func `a restored controller has a larger epoch, its keys, and says so in its log`() async throws {
        try await withStore { store, time in
            try makeDirectories("\(store.directory.keysPath)/old")
            try replaceFile("\(store.directory.keysPath)/ca.pem", with: Array("secret".utf8))
            try replaceFile("\(store.directory.keysPath)/old/1.pem", with: Array("older".utf8))
            let account = try await store.write { try $0.createAccount(name: Name("Example"), by: Self.root) }
            _ = try await store.archiveAudit(through: 1, by: Self.root)
            let file = "\(store.directory.path)/../backup"
            _ = try await store.backUp(to: file, by: Self.root)
            let target = DataDirectory("\(store.directory.path)/../deep/er/restored")
            let controller = try await restore(file, target, time: time).run(by: Self.root)
            let before = try await store.read { try $0.controller() }
            #expect(controller.id == before.id)
            #expect(controller.epoch == time.now.microseconds / 1_000_000)
            #expect(try names(target.path) == ["audit", "controller.db", "keys"])
            #expect(try readSecret("\(target.keysPath)/ca.pem") == Array("secret".utf8))
            #expect(try readSecret("\(target.keysPath)/old/1.pem") == Array("older".utf8))
            let restored = try await Store(directory: target, clock: time.clock)
            #expect(try await restored.read { try $0.account(account.id)?.name } == "Example")
            #expect(try await restored.verifyAudit().fault == nil)
            let last = try await restored.read { try $0.auditEvents().elements.last }
            #expect(last?.action == "controller.restore")
            #expect(last?.detail.contains("epoch=\(controller.epoch)") == true)
            #expect(try await restored.read { try $0.row("SELECT 1 FROM sqlite_schema WHERE name = 'backup_files'") } == nil)
            // A backup of the restored one, restored while the clock stands still: larger again.
            _ = try await restored.backUp(to: file, replacing: true, by: Self.root)
            try restored.close()
            let second = DataDirectory("\(store.directory.path)/../second")
            let again = try await restore(file, second, time: time).run(by: Self.root)
            #expect(again.epoch == controller.epoch + 1)
        }
    }

    @Test func `a backup replaces a file only when told to`() async throws {
        try await withStore { store, _ in
            let file = "\(store.directory.path)/../backup"
            try replaceFile(file, with: Array("mine".utf8))
            await #expect(throws: StoreError.alreadyExists(path: file)) { try await store.backUp(to: file, by: Self.root) }
            #expect(try readFile(file) == Array("mine".utf8))
            _ = try await store.backUp(to: file, replacing: true, by: Self.root)
            #expect(try readFile(file).starts(with: Array("SQLite format 3".utf8)))
        }
    }

    @Test func `what is no whole backup is refused, and leaves nothing behind`() async throws {
        try await withStore { store, _ in
            try makeDirectories(store.directory.keysPath)
            try replaceFile("\(store.directory.keysPath)/ca.pem", with: [UInt8](repeating: 1, count: 20_000))
            for number in 0..<100 {
                try await store.write { _ = try $0.createAccount(name: Name("Account \(number)"), by: Self.root) }
            }
            let parent = "\(store.directory.path)/.."
            let file = "\(parent)/backup"
            _ = try await store.backUp(to: file, by: Self.root)
            let whole = try readFile(file)
            var flipped = whole
            for offset in 0..<1_000 { flipped[whole.count - 30_000 + offset * 20] ^= 0xFF }
            let cases: [(String, [UInt8])] = [
                ("not a database", Array("hello, this is no backup".utf8)), ("empty", []),
                ("truncated", Array(whole[..<(whole.count / 2)])), ("flipped", flipped),
            ]
            for (what, bytes) in cases {
                try replaceFile(file, with: bytes)
                let target = DataDirectory("\(parent)/target")
                await #expect(throws: (any Error).self, "\(what)") { try await restore(file, target).run(by: Self.root) }
                #expect((try? names(target.path)) ?? [] == [], "\(what)")
            }
            // A controller's own database is no backup.
            let plain = DataDirectory("\(parent)/plain")
            try plain.create()
            try await Store.create(in: plain, controllerID: .random()).close()
            let error = await #expect(throws: BackupError.self) {
                try await Restore(backup: plain.databasePath, directory: DataDirectory("\(parent)/target")).run(by: Self.root)
            }
            #expect(error == .notABackup(path: plain.databasePath))
        }
    }

    @Test func `a file inside a backup that names another place is not written`() async throws {
        try await withStore { store, _ in
            let parent = "\(store.directory.path)/.."
            let file = "\(parent)/backup"
            for name in ["../escape", "keys/../../escape", "/etc/escape", "keys/.hidden", "other/file", "keys", "keys//x"] {
                _ = try await store.backUp(to: file, replacing: true, by: Self.root)
                var options = SQLiteEngine.Options()
                options.singleFile = true
                let engine = try SQLiteEngine.open(path: file, options: options)
                try await engine.write { connection in
                    try connection.execute(
                        "INSERT INTO backup_files VALUES (?, x'00', ?)", [.text(name), .blob([UInt8](repeating: 0, count: 32))])
                }
                try engine.close()
                let target = DataDirectory("\(parent)/target")
                await #expect(throws: BackupError.damagedFile(path: file, name: name)) {
                    try await restore(file, target).run(by: Self.root)
                }
            }
        }
    }

    @Test func `a backup with the controller's keys restores a controller that has them`() async throws {
        try await withStore { store, time in
            let keys = try ControllerKeys.create(in: store.directory.keysPath, name: "test", now: time.now)
            _ = try ControllerKeys.rotate(in: store.directory.keysPath, now: time.now)
            let file = "\(store.directory.path)/../backup"
            _ = try await store.backUp(to: file, by: Self.root)
            let target = DataDirectory("\(store.directory.path)/../target")
            _ = try await Restore(backup: file, directory: target).run(by: Self.root)
            let restored = try ControllerKeys.load(from: target.keysPath)
            #expect(restored.fingerprint == keys.fingerprint)
            #expect(restored.previous.count == 1)
        }
    }

    @Test func `a restore that is killed leaves no controller, and the next one succeeds`() async throws {
        try await withStore { store, _ in
            let file = "\(store.directory.path)/../backup"
            _ = try await store.backUp(to: file, by: Self.root)
            let target = "\(store.directory.path)/../target"
            await #expect(processExitsWith: .signal(SIGKILL)) { [file = file as String, target = target as String] in
                let restore = Restore(backup: file, directory: DataDirectory(target), checkKeys: { _ in kill(getpid(), SIGKILL) })
                _ = try await restore.run(by: .provider("root"))
            }
            await #expect(throws: StoreError.missing(path: "\(target)/controller.db")) { try await Store(directory: DataDirectory(target)) }
            #expect(try names(target) == [".restore"])
            _ = try await restore(file, DataDirectory(target)).run(by: Self.root)
            #expect(try names(target) == ["controller.db"])
        }
    }

    @Test func `a backup without the controller's keys is refused before it takes effect`() async throws {
        try await withStore { store, _ in
            let file = "\(store.directory.path)/../backup"
            _ = try await store.backUp(to: file, by: Self.root)
            let target = DataDirectory("\(store.directory.path)/../target")
            await #expect(throws: (any Error).self) { try await Restore(backup: file, directory: target).run(by: Self.root) }
            #expect(try names(target.path) == [])
        }
    }

    @Test func `only an empty directory is restored into, or what an interrupted restore left`() async throws {
        try await withStore { store, _ in
            let parent = "\(store.directory.path)/.."
            let file = "\(parent)/backup"
            _ = try await store.backUp(to: file, by: Self.root)
            let target = DataDirectory("\(parent)/target")
            try makeDirectories(target.path)
            try replaceFile("\(target.path)/mine", with: [])
            await #expect(throws: BackupError.notEmpty(directory: target.path)) {
                try await restore(file, target).run(by: Self.root)
            }
            #expect(try names(target.path) == ["mine"])
            unlink("\(target.path)/mine")
            // Killed while it moved things into place.
            try makeDirectories("\(target.path)/.restore/audit")
            try makeDirectories("\(target.path)/keys")
            try replaceFile("\(target.path)/.restore/controller.db", with: Array("half".utf8))
            try replaceFile("\(target.path)/keys/ca.pem", with: Array("half".utf8))
            _ = try await restore(file, target).run(by: Self.root)
            #expect(try names(target.path) == ["controller.db"])
        }
    }

    @Test func `the audit calls a backup what it is asked to`() async throws {
        try await withStore { store, _ in
            _ = try await store.backUp(to: "\(store.directory.path)/../backup", subject: "controller-1", by: Self.root)
            let last = try #require(try await store.read { try $0.auditEvents().elements.last })
            #expect(last.action == "controller.backup" && last.subject == "controller-1")
        }
    }
}
