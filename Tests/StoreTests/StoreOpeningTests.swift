import Files
import Foundation
import Identifiers
import Provider
import Store
import TestSupport
import Testing

@Suite struct StoreOpening {
    @Test func `a new store has its controller and epoch 1`() async throws {
        try await withDataDirectory { directory in
            let id = ControllerID.random()
            let store = try await Store.create(in: directory, controllerID: id)
            let controller = try await store.read { try $0.controller() }
            #expect(controller.id == id)
            #expect(controller.epoch == 1)
            try store.close()
        }
    }

    @Test func `the writer forces each commit to disk and holds references`() async throws {
        try await withStore { store, _ in
            let writer = try await store.write { try ($0.integer("PRAGMA synchronous"), $0.integer("PRAGMA foreign_keys")) }
            #expect(writer.0 == 2)
            #expect(writer.1 == 1)
            #expect(try await store.read { try $0.row("PRAGMA journal_mode")?.text("journal_mode") } == "wal")
        }
    }

    @Test func `nobody else may read the database's files`() async throws {
        try await withStore { store, _ in
            for suffix in ["", "-wal", "-shm"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: store.directory.databasePath + suffix)
                #expect(attributes[.posixPermissions] as? Int == 0o600, "\(suffix)")
            }
            let directory = try FileManager.default.attributesOfItem(atPath: store.directory.path)
            #expect(directory[.posixPermissions] as? Int == 0o700)
        }
    }

    @Test func `all tables are strict`() async throws {
        try await withStore { store, _ in
            let lax = try await store.read { transaction in
                try transaction.rows("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0")
                    .map { try $0.text("name") }
            }
            #expect(lax.filter { !$0.hasPrefix("sqlite_") } == [])
        }
    }

    @Test func `what was written is there after opening again`() async throws {
        try await withDataDirectory { directory in
            var store = try await Store.create(in: directory, controllerID: .random())
            let account = try await store.write { try $0.createAccount(name: Name("Example"), by: .provider("root")) }
            try store.close()
            store = try await Store(directory: directory)
            #expect(try await store.read { try $0.account(account.id)?.name } == "Example")
            try store.close()
        }
    }

    @Test func `a data directory with something in it is not taken for a new controller`() async throws {
        try await withDataDirectory { directory in
            try replaceFile("\(directory.path)/something", with: [])
            #expect(throws: StoreError.alreadyExists(path: directory.path)) { try directory.create() }
        }
    }

    @Test func `a second controller on one data directory is refused, and told why`() async throws {
        try await withDataDirectory { directory in
            let lock = try directory.lock()
            let error = #expect(throws: DataDirectoryError.self) { try directory.lock() }
            #expect(error?.description.contains("another controller runs on the data directory \(directory.path)") == true)
            withExtendedLifetime(lock) {}
        }
    }
}
