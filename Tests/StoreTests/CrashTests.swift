import Files
import Foundation
import Identifiers
import Provider
import Store
import TestSupport
import Testing

/// What a killed controller leaves: whole transactions.
@Suite struct Crashes {
    @Test(arguments: [0, 1, 5, 40]) func `a process killed in mid-transaction leaves all of a transaction or nothing`(rows: Int)
        async throws
    {
        try await withDataDirectory { directory in
            try await Store.create(in: directory, controllerID: .random()).close()
            let path = directory.path
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, rows = rows as Int] in
                let store = try await Store(directory: DataDirectory(path))
                try await store.write { transaction in
                    for number in 0..<10 { _ = try transaction.createAccount(name: Name("Kept \(number)"), by: .provider("root")) }
                }
                try await store.write { transaction in
                    for number in 0..<rows { _ = try transaction.createAccount(name: Name("Lost \(number)"), by: .provider("root")) }
                    kill(getpid(), SIGKILL)
                }
            }
            let store = try await Store(directory: directory)
            let names = try await store.read { try $0.accounts().elements.map(\.name) }
            #expect(names.count == 10)
            #expect(names.allSatisfy { $0.hasPrefix("Kept") })
            let verification = try await store.verifyAudit()
            #expect(verification == AuditVerification(events: 10, archives: 0, fault: nil))
            try store.close()
        }
    }

    @Test func `a process killed while it is busy leaves every answered transaction`() async throws {
        try await withDataDirectory { directory in
            try await Store.create(in: directory, controllerID: .random()).close()
            let path = directory.path
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
                let store = try await Store(directory: DataDirectory(path))
                // A thread that kills from outside of any transaction, after some were answered.
                for number in 0..<300 {
                    try await store.write { transaction in
                        _ = try transaction.createAccount(name: Name("A \(number)"), by: .provider("root"))
                        _ = try transaction.createAccount(name: Name("B \(number)"), by: .provider("root"))
                    }
                    try replaceFile("\(path)/answered", with: Array(String(number + 1).utf8))
                    if number == 25 {
                        Thread.detachNewThread { kill(getpid(), SIGKILL) }
                    }
                }
            }
            let answered = Int(String(decoding: try readFile("\(path)/answered"), as: UTF8.self)) ?? -1
            let store = try await Store(directory: directory)
            let count = try await store.read { try $0.integer("SELECT count(*) FROM accounts") ?? -1 }
            #expect(answered >= 25)
            #expect(count >= 2 * answered)
            #expect(count % 2 == 0)
            let verification = try await store.verifyAudit()
            #expect(verification.fault == nil)
            try store.close()
        }
    }
}
