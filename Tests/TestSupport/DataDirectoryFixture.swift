import Foundation
import Identifiers
import Store

/// Runs `body` with a fresh directory's path, and removes the directory whatever happens.
package func withTemporaryDirectory<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("quartermaster-test-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

/// Runs `body` with a fresh, empty data directory.
package func withDataDirectory<Value>(_ body: (DataDirectory) async throws -> Value) async throws -> Value {
    try await withTemporaryDirectory { path in
        let directory = DataDirectory("\(path)/data")
        try directory.create()
        return try await body(directory)
    }
}

/// Runs `body` with a new controller's store under a clock that stands; closes it afterwards.
package func withStore<Value>(time: ManualTime = ManualTime(), _ body: (Store, ManualTime) async throws -> Value) async throws -> Value {
    try await withDataDirectory { directory in
        let store = try await Store.create(in: directory, controllerID: .random(), clock: time.clock)
        do {
            let value = try await body(store, time)
            try store.close()
            return value
        } catch {
            try? store.close()
            throw error
        }
    }
}
