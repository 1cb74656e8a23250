import Identifiers
import Provider
import Store
import TestSupport
import Testing

@Suite struct Accounts {
    static let root = Actor.provider("root")

    @Test func `names are unique where they must be, and the refusal says which`() async throws {
        try await withStore { store, _ in
            let account = try await store.write { try $0.createAccount(name: Name("Example"), by: Self.root) }
            let other = try await store.write { try $0.createAccount(name: Name("Other"), by: Self.root) }
            await #expect(throws: AccountError.exists(what: "account", name: "Example")) {
                try await store.write { try $0.createAccount(name: Name("Example"), by: Self.root) }
            }
            let domain = try await store.write { try $0.createDomain(account: account.id, name: Name("east"), by: Self.root) }
            // The same name in another account is another domain.
            let twin = try await store.write { try $0.createDomain(account: other.id, name: Name("east"), by: Self.root) }
            await #expect(throws: AccountError.exists(what: "domain", name: "east")) {
                try await store.write { try $0.createDomain(account: account.id, name: Name("east"), by: Self.root) }
            }
            await #expect(throws: AccountError.unknown(what: "domain", name: twin.id.text)) {
                try await store.write {
                    try $0.createUser(account: account.id, domain: twin.id, name: Name("anna"), role: .serverAdmin, by: Self.root)
                }
            }
            let user = try await store.write {
                try $0.createUser(account: account.id, domain: domain.id, name: Name("anna"), role: .serverAdmin, by: Self.root)
            }
            #expect(user.state == .enabled)
            #expect(!user.hasPassword)
            await #expect(throws: AccountError.exists(what: "user", name: "anna")) {
                try await store.write {
                    try $0.createUser(account: account.id, domain: domain.id, name: Name("anna"), role: .endUser, by: Self.root)
                }
            }
        }
    }

    @Test func `nothing is added to a closed account, and its record stays`() async throws {
        try await withStore { store, time in
            let account = try await store.write { try $0.createAccount(name: Name("Example"), by: Self.root) }
            time.advance(by: .seconds(60))
            let closed = try await store.write { try $0.closeAccount(account.id, by: Self.root) }
            #expect(closed.state == .closed)
            #expect(closed.closedAt == time.now)
            await #expect(throws: AccountError.closed(account.id)) {
                try await store.write { try $0.createDomain(account: account.id, name: Name("east"), by: Self.root) }
            }
            let again = try await store.write { try $0.closeAccount(account.id, by: Self.root) }
            #expect(again == closed)
        }
    }

    @Test func `a contract has revisions, and the newest is in force`() async throws {
        try await withStore { store, time in
            let account = try await store.write { try $0.createAccount(name: Name("Example"), by: Self.root) }
            let start = time.now
            let first = try ContractTerms(
                serviceLevel: 2, capacity: ByteCount(10 << 40), startsAt: start, endsAt: start + .seconds(86_400),
                tiers: [.init(name: "gold", capacity: ByteCount(1 << 40)), .init(name: "silver")],
                rates: [.init(item: "storage/gold", unit: "GiB-month", amountMillionths: 50_000)])
            let agreed = try await store.write { try $0.setContract(account.id, first, by: Self.root) }
            #expect(agreed.revision == 1)
            #expect(agreed.tiers.map(\.name) == ["gold", "silver"])
            #expect(agreed.rates == first.rates)
            #expect(try await store.read { try $0.contractState(account.id) } == .open)
            time.advance(by: .seconds(86_400))
            #expect(try await store.read { try $0.contractState(account.id) } == .expired)
            let next = try ContractTerms(startsAt: time.now + .seconds(1))
            let renewed = try await store.write { try $0.setContract(account.id, next, by: Self.root) }
            #expect(renewed.revision == 2)
            #expect(try await store.read { try $0.contractState(account.id) } == .notYetStarted)
            #expect(try await store.read { try $0.contract(account.id, revision: 1) } == agreed)
        }
    }

    @Test func `pools never exceed the contract, nor shrink below their use`() async throws {
        try await withStore { store, time in
            let account = try await store.write { try $0.createAccount(name: Name("Example"), by: Self.root) }
            let domain = try await store.write { try $0.createDomain(account: account.id, name: Name("east"), by: Self.root) }
            let terms = try ContractTerms(capacity: ByteCount(1000), startsAt: time.now)
            try await store.write { try $0.setContract(account.id, terms, by: Self.root) }
            let anna = try await store.write {
                try $0.createUser(
                    account: account.id, domain: domain.id, name: Name("anna"), role: .serverAdmin, pool: ByteCount(600), by: Self.root)
            }
            #expect(anna.pool == Pool(capacity: ByteCount(600)))
            await #expect(throws: AccountError.poolsAboveCapacity(pools: ByteCount(1001), capacity: ByteCount(1000))) {
                try await store.write {
                    try $0.createUser(
                        account: account.id, domain: domain.id, name: Name("ben"), role: .serverAdmin, pool: ByteCount(401), by: Self.root)
                }
            }
            // The refused user is not there either: one transaction.
            #expect(try await store.read { try $0.user(domain: domain.id, name: "ben") } == nil)
            await #expect(throws: AccountError.poolForRole(.endUser)) {
                try await store.write {
                    try $0.createUser(
                        account: account.id, domain: domain.id, name: Name("cleo"), role: .endUser, pool: ByteCount(1), by: Self.root)
                }
            }
            try await store.write { try $0.execute("UPDATE pools SET used_bytes = 500") }
            await #expect(throws: AccountError.poolBelowUse(pool: ByteCount(499), used: ByteCount(500))) {
                try await store.write { try $0.setPool(user: anna.id, capacity: ByteCount(499), by: Self.root) }
            }
            await #expect(throws: StoreError.self) { try await store.write { try $0.execute("UPDATE pools SET used_bytes = 601") } }
            let smaller = try ContractTerms(capacity: ByteCount(599), startsAt: time.now)
            await #expect(throws: AccountError.poolsAboveCapacity(pools: ByteCount(600), capacity: ByteCount(599))) {
                try await store.write { try $0.setContract(account.id, smaller, by: Self.root) }
            }
            await #expect(throws: AccountError.poolsAboveCapacity(pools: ByteCount(Int64.max), capacity: ByteCount(1000))) {
                try await store.write { try $0.setPool(user: anna.id, capacity: ByteCount(Int64.max), by: Self.root) }
            }
        }
    }

    @Test func `a customer's domain takes no provider-admin`() async throws {
        try await withStore { store, _ in
            let account = try await store.write { try $0.createAccount(name: Name("Example"), by: Self.root) }
            let domain = try await store.write { try $0.createDomain(account: account.id, name: Name("east"), by: Self.root) }
            await #expect(throws: AccountError.roleInCustomerDomain(.providerAdmin)) {
                try await store.write {
                    try $0.createUser(account: account.id, domain: domain.id, name: Name("x"), role: .providerAdmin, by: Self.root)
                }
            }
        }
    }

    @Test func `a token registers as often as it may, within its time, and not after it was revoked`() async throws {
        try await withStore { store, time in
            let account = try await store.write { try $0.createAccount(name: Name("Example"), by: Self.root) }
            let domain = try await store.write { try $0.createDomain(account: account.id, name: Name("east"), by: Self.root) }
            let digest = [UInt8](repeating: 7, count: 32)
            let end = time.now + .seconds(3_600)
            let token = try await store.write {
                try $0.createToken(account: account.id, domain: domain.id, digest: digest, uses: 2, expiresAt: end, by: Self.root)
            }
            let uses = try await store.write { transaction in
                try (0..<3).map { _ in try transaction.consumeToken(digest: digest) }
            }
            guard case .consumed(let first) = uses[0], case .consumed(let second) = uses[1], case .spent(_, .usedUp) = uses[2] else {
                Issue.record("\(uses)")
                return
            }
            #expect(first.uses == 1)
            #expect(second.uses == 2)
            #expect(try await store.write { try $0.consumeToken(digest: [UInt8](repeating: 8, count: 32)) } == .unknown)
            let late = [UInt8](repeating: 9, count: 32)
            try await store.write {
                try $0.createToken(account: account.id, domain: domain.id, digest: late, uses: 2, expiresAt: end, by: Self.root)
            }
            time.set(end)
            guard case .spent(_, .expired) = try await store.write({ try $0.consumeToken(digest: late) }) else {
                Issue.record("an expired token was taken")
                return
            }
            let revoked = try await store.write { try $0.revokeToken(token.id, by: Self.root) }
            #expect(revoked.state(at: time.now) == .revoked)
            await #expect(throws: AccountError.tokenUses(0)) {
                try await store.write {
                    try $0.createToken(
                        account: account.id, domain: domain.id, digest: digest, uses: 0, expiresAt: time.now + .seconds(60), by: Self.root)
                }
            }
        }
    }

    @Test func `a directory has one active pad, and may have another when that is retired`() async throws {
        try await withStore { store, _ in
            let pad = try await store.write {
                try $0.createPad(directory: "/srv/pad/", account: nil, interval: .seconds(1), by: Self.root)
            }
            #expect(pad.directory == "/srv/pad")
            #expect(pad.generation == 1)
            await #expect(throws: AccountError.exists(what: "pad", name: "/srv/pad")) {
                try await store.write { try $0.createPad(directory: "/srv/pad", account: nil, interval: .seconds(1), by: Self.root) }
            }
            #expect(try await store.write { try $0.raisePadGeneration(pad.id, by: Self.root) }.generation == 2)
            #expect(try await store.write { try $0.retirePad(pad.id, by: Self.root) }.state == .retired)
            #expect(try await store.read { try $0.activePads() } == [])
            try await store.write { try $0.createPad(directory: "/srv/pad", account: nil, interval: .seconds(1), by: Self.root) }
            await #expect(throws: AccountError.unknown(what: "pad", name: "pad-none")) {
                try await store.write { try $0.retirePad(#require(PadID("pad-none")), by: Self.root) }
            }
        }
    }

    @Test(arguments: [
        ("/srv/pad/a", "/srv/pad", nil), ("/srv/pad/a/b", "/srv/pad", nil), ("/srv", nil, "/srv/pad"), ("/", nil, "/srv/pad"),
        ("/srv/pad", nil, nil), ("/srv/pa", nil, nil), ("/srv/pad0", nil, nil), ("/srv/pad.old/x", nil, nil), ("/srv/retired/x", nil, nil),
    ])
    func `the pad that holds a path, or lies in it, is found`(path: String, above: String?, below: String?) async throws {
        try await withStore { store, _ in
            let found = try await store.write { transaction in
                for directory in ["/srv/pad", "/srv/retired"] {
                    let pad = try transaction.createPad(directory: directory, account: nil, interval: .seconds(1), by: Self.root)
                    if directory == "/srv/retired" { _ = try transaction.retirePad(pad.id, by: Self.root) }
                }
                return (try transaction.padAbove(path)?.directory, try transaction.padBelow(path)?.directory)
            }
            #expect(found.0 == above && found.1 == below)
        }
    }
}
