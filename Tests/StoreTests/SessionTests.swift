import Identifiers
import Provider
import Store
import TestSupport
import Testing

@Suite struct Sessions {
    private static let root = Actor.provider("root")

    private func digest(_ number: Int) -> [UInt8] { [UInt8](repeating: UInt8(number), count: 32) }

    private func withUser(_ body: (Store, ManualTime, User) async throws -> Void) async throws {
        try await withStore { store, time in
            let user = try await store.write { transaction in
                let account = try transaction.createAccount(name: Name("One"), by: Self.root)
                let domain = try transaction.createDomain(account: account.id, name: Name("web"), by: Self.root)
                return try transaction.createUser(
                    account: account.id, domain: domain.id, name: Name("carol"), role: .customerAdmin, by: Self.root)
            }
            try await body(store, time, user)
        }
    }

    @Test func `a session holds for twelve hours, and is then forgotten`() async throws {
        try await withUser { store, time, user in
            let digest = digest(1)
            let opened = try await store.write { try $0.openSession(user: user.id, digest: digest, from: "test") }
            #expect(opened.user == "carol" && opened.domain == "web" && opened.role == .customerAdmin)
            time.advance(by: .seconds(12 * 3_600 - 1))
            #expect(try await store.read { try $0.session(digest: digest) } == opened)
            #expect(try await store.write { try $0.forgetSessions() } == 0)
            time.advance(by: .seconds(1))
            #expect(try await store.read { try $0.session(digest: digest) } == nil)
            #expect(try await store.write { try $0.forgetSessions() } == 1)
        }
    }

    @Test func `it ends with its user, its password and its account, and does not come back`() async throws {
        try await withUser { store, _, user in
            let digest = digest(1)
            let endings: [@Sendable (WriteTransaction) throws -> Void] = [
                {
                    _ = try $0.setState(.disabled, ofUser: user.id, by: Self.root)
                    _ = try $0.setState(.enabled, ofUser: user.id, by: Self.root)
                },
                { _ = try $0.setPasswordHash("$scrypt$x", ofUser: user.id, by: Self.root) },
                { try $0.closeSession(digest: digest) },
                { _ = try $0.closeAccount(user.accountID, by: Self.root) },
            ]
            for ending in endings {
                _ = try await store.write { try $0.openSession(user: user.id, digest: digest, from: "test") }
                #expect(try await store.read { try $0.session(digest: digest) } != nil)
                try await store.write { try ending($0) }
                #expect(try await store.read { try $0.session(digest: digest) } == nil)
            }
        }
    }

    @Test func `of too many sessions of one user the oldest end`() async throws {
        try await withUser { store, time, user in
            for number in 1...Session.maximumPerUser + 2 {
                time.advance(by: .seconds(1))
                let digest = digest(number)
                _ = try await store.write { try $0.openSession(user: user.id, digest: digest, from: "test") }
            }
            for number in 1...Session.maximumPerUser + 2 {
                let digest = digest(number)
                #expect(try await store.read { try $0.session(digest: digest) != nil } == (number > 2))
            }
        }
    }

    @Test func `a token is random, and no two are alike`() {
        var generator = SystemRandomNumberGenerator()
        let tokens = Set((0..<100).map { _ in Session.randomToken(using: &generator) })
        #expect(tokens.count == 100)
        #expect(tokens.allSatisfy { $0.hasPrefix("qms-") && $0.utf8.count == 56 })
    }
}
