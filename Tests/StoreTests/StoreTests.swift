import Files
import Foundation
import Identifiers
import Store
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

    @Test func `the writer forces each commit to disk`() async throws {
        try await withDataDirectory { directory in
            let store = try await Store.create(in: directory, controllerID: .random())
            let writer = try await store.write { try ($0.integer("PRAGMA synchronous"), $0.integer("PRAGMA foreign_keys")) }
            #expect(writer.0 == 2)
            #expect(writer.1 == 1)
            #expect(try await store.read { try $0.row("PRAGMA journal_mode") }?.text("journal_mode") == "wal")
            try store.close()
        }
    }
}
