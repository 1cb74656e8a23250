import Foundation
import Store

/// Runs `body` with a fresh data directory, and removes it whatever happens.
func withDataDirectory<Value>(_ body: (DataDirectory) async throws -> Value) async throws -> Value {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("quartermaster-store-\(UUID().uuidString)").path
    let directory = DataDirectory(path)
    try directory.create()
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(directory)
}
