import Foundation
import Glibc
import Sealing
import Store
import Testing

@testable import Server

@Suite struct InitializationTests {
    private static func inDirectory(_ body: (String) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/qm-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await body(directory)
    }

    @Test func aNewControllerIsMadeOnce() async throws {
        try await Self.inDirectory { directory in
            let data = DataDirectory(directory + "/a/b")
            let made = try await Initialization(directory: data).run()
            #expect(try ControllerKeys.load(from: data.keysPath).fingerprint == made.fingerprint)
            #expect(try FileManager.default.contentsOfDirectory(atPath: data.path).sorted() == ["controller.db", "keys"])
            await #expect(throws: StoreError.alreadyExists(path: data.path)) { try await Initialization(directory: data).run() }
            var status = stat()
            #expect(stat(data.path, &status) == 0 && status.st_mode & 0o777 == 0o700)
            let store = try await Store(directory: data)
            #expect(try await store.read { try $0.controller().id } == made.controllerID)
            try store.close()
        }
    }

    @Test func aDirectoryWithSomethingInItIsLeftAlone() async throws {
        try await Self.inDirectory { directory in
            #expect(FileManager.default.createFile(atPath: directory + "/file", contents: nil))
            await #expect(throws: StoreError.alreadyExists(path: directory)) {
                try await Initialization(directory: DataDirectory(directory)).run()
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: directory)
            #expect(left == ["file"])
        }
    }

    @Test func oneThatWasKilledIsClearedAwayByTheNext() async throws {
        try await Self.inDirectory { directory in
            try FileManager.default.createDirectory(atPath: directory + "/.init/keys", withIntermediateDirectories: true)
            try FileManager.default.createDirectory(atPath: directory + "/keys", withIntermediateDirectories: true)
            #expect(FileManager.default.createFile(atPath: directory + "/keys/ca.key", contents: Data("half".utf8)))
            _ = try await Initialization(directory: DataDirectory(directory)).run()
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == ["controller.db", "keys"])
        }
    }

    @Test func whatCannotBeMadeLeavesNothing() async throws {
        try await Self.inDirectory { directory in
            #expect(FileManager.default.createFile(atPath: directory + "/file", contents: nil))
            await #expect(throws: (any Error).self) {
                try await Initialization(directory: DataDirectory(directory + "/file/data")).run()
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: directory)
            #expect(left == ["file"])
        }
    }
}
