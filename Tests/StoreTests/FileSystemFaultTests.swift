import Files
import Foundation
import Identifiers
import Provider
import Store
import TestPrograms
import TestSupport
import Testing

/// Real file systems that are full or read-only, mounted in a namespace of their own: the test runs itself again inside.
@Suite struct FileSystemFaults {
    static let mountPoint = ProcessInfo.processInfo.environment["QUARTERMASTER_TEST_MOUNT"]
    static let mayMount = getuid() == 0 && access("/usr/bin/unshare", X_OK) == 0

    /// Mounts with `script` (`$DIR` is the directory), then runs one of the tests below inside.
    private func run(_ name: String, in directory: String, script: String) throws -> String {
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let arguments = [
            "-m", "sh", "-c", "mount --make-rprivate / && \(script) && exec \"$0\" --testing-library swift-testing --filter \"$1\"",
            program,
            name,
        ]
        let environment = ProcessInfo.processInfo.environment.merging(["QUARTERMASTER_TEST_MOUNT": directory, "DIR": directory]) { $1 }
        let run = try ChildProcess.run("/usr/bin/unshare", arguments, environment: environment)
        return "exit \(run.status)\n\(String(decoding: run.output, as: UTF8.self))"
    }

    @Test(.enabled(if: mayMount && mountPoint == nil, "mounting needs root and unshare"))
    func `a full file system is said to be full, and nothing half-written is kept`() async throws {
        try await withTemporaryDirectory { directory in
            let output = try run("insideFull", in: directory, script: "mount -t tmpfs -o size=3m tmpfs \"$DIR\"")
            #expect(output.hasPrefix("exit 0") && output.contains("1 test"), "\(output)")
        }
    }

    @Test(.enabled(if: mayMount && mountPoint == nil, "mounting needs root and unshare"))
    func `a read-only file system is said to be read-only`() async throws {
        try await withTemporaryDirectory { directory in
            let data = DataDirectory("\(directory)/data")
            try data.create()
            try await Store.create(in: data, controllerID: .random()).close()
            let output = try run(
                "insideReadOnly", in: directory, script: "mount --bind \"$DIR\" \"$DIR\" && mount -o remount,bind,ro \"$DIR\"")
            #expect(output.hasPrefix("exit 0") && output.contains("1 test"), "\(output)")
        }
    }

    @Test(.enabled(if: mountPoint != nil, "by design: the tests above run it inside a file system of its own")) func insideFull()
        async throws
    {
        let directory = DataDirectory("\(try #require(Self.mountPoint))/data")
        try directory.create()
        let store = try await Store.create(in: directory, controllerID: .random())
        var kept: Int64 = 0
        var failure: StoreError?
        for round in 0..<2_000 where failure == nil {
            do {
                try await store.write { transaction in
                    for number in 0..<20 { _ = try transaction.createAccount(name: Name("\(round)-\(number)"), by: .provider("root")) }
                }
                kept += 20
            } catch let error as StoreError {
                failure = error
            }
        }
        #expect(failure == .full(path: directory.databasePath))
        #expect(kept > 0)
        let count = try await store.read { try $0.integer("SELECT count(*) FROM accounts") }
        #expect(count == kept)
        let verification = try await store.verifyAudit()
        #expect(verification.fault == nil)
        // A backup that has no room leaves nothing.
        await #expect(throws: StoreError.self) { try await store.backUp(to: "\(directory.path)/../backup", by: .provider("root")) }
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(directory.path)/..")
        #expect(names == ["data"])
    }

    @Test(.enabled(if: mountPoint != nil, "by design: the tests above run it inside a file system of its own")) func insideReadOnly()
        async throws
    {
        let directory = DataDirectory("\(try #require(Self.mountPoint))/data")
        let error = await #expect(throws: StoreError.self) { try await Store(directory: directory) }
        #expect(error == .readOnly(path: directory.databasePath))
        #expect(error?.description.contains("whether its file system is mounted read-only") == true)
    }
}
