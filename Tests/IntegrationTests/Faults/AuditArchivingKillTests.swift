import Foundation
import Glibc
import Provider
import Store
import TestSupport
import Testing

/// Archiving of the audit log, killed at its steps: every event is in the database or in an archive, once.
@Suite struct AuditArchivingKillTests {
    @Test(.enabled(if: TestAgain.directory == nil, "by design: it is what runs the test below"))
    func archivingThatIsKilledIsFinishedByTheNext() async throws {
        try await withTemporaryDirectory { directory in
            let killSwitch = try await KillSwitch(in: directory)
            let data = DataDirectory(directory + "/data")
            try data.create()
            let store = try await Store.create(in: data, controllerID: .random())
            for round in 0..<8 {
                try await store.write { transaction in
                    for number in 0..<5 { _ = try transaction.createAccount(name: Name("\(round)-\(number)"), by: .provider("root")) }
                }
            }
            try store.close()
            func archive(_ environment: [String: String]) async throws -> Command {
                try await TestAgain.run("archivingInside", in: directory, environment: environment)
            }
            let whole = try await archive(killSwitch.environment(at: 0, log: "whole", armed: true))
            #expect(whole.status == 0, "\(whole.output)")
            let steps = KillSwitch.chosen(try killSwitch.calls("whole"), most: 6)
            #expect(steps.count >= 5)
            for step in steps {
                let killed = try await archive(killSwitch.environment(at: step, armed: true))
                #expect(killed.wasKilled, "step \(step): \(killed.output)")
            }
            let last = try await archive([:])
            #expect(last.status == 0, "\(last.output)")
            let after = try await Store(directory: data)
            let verification = try await after.verifyAudit()
            // Each archiving that came about is an event itself.
            #expect(verification.fault == nil && verification.events >= 40 + 2)
            try after.close()
            let files = try FileManager.default.contentsOfDirectory(atPath: data.auditPath)
            #expect(files.count == verification.archives && files.allSatisfy { $0.hasPrefix("audit-") }, "\(files)")
        }
    }

    @Test(.enabled(if: TestAgain.directory != nil, "by design: the test above runs it in a process of its own"))
    func archivingInside() async throws {
        let directory = try #require(TestAgain.directory)
        let store = try await Store(directory: DataDirectory(directory + "/data"))
        _ = FileManager.default.createFile(atPath: directory + "/armed", contents: nil)
        let archived = try await store.read { try $0.integer("SELECT coalesce(max(last_sequence), 0) FROM audit_archives") } ?? 0
        let name = try await store.archiveAudit(through: archived + 5, by: .daemon("audit"))
        #expect(name != nil)
        try store.close()
    }
}
