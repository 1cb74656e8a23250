import Identifiers
import Provider
import Testing

@Suite struct AccountRules {
    @Test(arguments: ["a", "Example Ltd.", "Ärzte & Söhne", "日本", String(repeating: "x", count: 128)])
    func `a name that can be read is taken`(text: String) throws {
        #expect(try Name(text).text == text)
    }

    @Test(arguments: [
        ("", NameError.empty), (String(repeating: "x", count: 129), .tooLong(bytes: 129)), (" a", .spaceAtEnd), ("a ", .spaceAtEnd),
        ("a\nb", .forbiddenCharacter(offset: 1, scalar: 0x0A)), ("a\u{0}", .forbiddenCharacter(offset: 1, scalar: 0)),
        ("a\u{202E}b", .forbiddenCharacter(offset: 1, scalar: 0x202E)), ("\u{200B}a", .forbiddenCharacter(offset: 0, scalar: 0x200B)),
        ("a\u{E000}", .forbiddenCharacter(offset: 1, scalar: 0xE000)), ("a\u{2028}b", .forbiddenCharacter(offset: 1, scalar: 0x2028)),
    ])
    func `a name with what cannot be seen is refused`(text: String, expected: NameError) {
        #expect(throws: expected) { try Name(text) }
    }

    @Test func `a contract holds from its start to before its end`() {
        let start = Timestamp(seconds: 100)
        let end = Timestamp(seconds: 200)
        #expect(Contract.state(startsAt: start, endsAt: end, at: Timestamp(seconds: 99)) == .notYetStarted)
        #expect(Contract.state(startsAt: start, endsAt: end, at: start) == .open)
        #expect(Contract.state(startsAt: start, endsAt: end, at: end) == .expired)
        #expect(Contract.state(startsAt: start, endsAt: nil, at: Timestamp(seconds: 1 << 40)) == .open)
    }

    @Test func `terms that make no sense are refused, and the refusal says what to give`() {
        let start = Timestamp(seconds: 100)
        #expect(throws: ContractError.serviceLevel(4)) { try ContractTerms(serviceLevel: 4, startsAt: start) }
        #expect(throws: ContractError.currency("euro")) { try ContractTerms(currency: "euro", startsAt: start) }
        #expect(throws: ContractError.endBeforeStart(start: start, end: start)) { try ContractTerms(startsAt: start, endsAt: start) }
        #expect(throws: ContractError.tierAboveCapacity(tier: "gold")) {
            try ContractTerms(capacity: ByteCount(1), startsAt: start, tiers: [.init(name: "gold", capacity: ByteCount(2))])
        }
        #expect(throws: ContractError.twice(what: "tier", name: "gold")) {
            try ContractTerms(startsAt: start, tiers: [.init(name: "gold"), .init(name: "gold")])
        }
        #expect(throws: ContractError.negative("rate gold")) {
            try ContractTerms(startsAt: start, rates: [.init(item: "gold", unit: "GiB", amountMillionths: -1)])
        }
    }

    @Test func `nobody gives a role above their own, and an end-user registers nothing`() {
        for role in Role.allCases where role != .providerAdmin {
            #expect(!role.mayGive.contains(.providerAdmin))
            #expect(role.scope(of: .manageAccounts) == nil)
            #expect(role.scope(of: .manageSystems) == nil)
        }
        #expect(Role.domainAdmin.mayGive == [.serverAdmin, .endUser])
        #expect(Role.endUser.scope(of: .registerHosts) == nil)
        #expect(Role.serverAdmin.scope(of: .registerHosts) == .own)
        #expect(Role.customerAdmin.scope(of: .manageTokens) == .account)
        #expect(Role.domainAdmin.scope(of: .manageTokens) == nil)
        #expect(Permission.allCases.allSatisfy { Role.providerAdmin.scope(of: $0) == .everything })
    }

    @Test func `a pool admits what is free and no more`() {
        let pool = Pool(capacity: ByteCount(100), used: ByteCount(40))
        #expect(pool.admits(ByteCount(60)))
        #expect(!pool.admits(ByteCount(61)))
        #expect(!pool.admits(ByteCount(-1)))
    }

    @Test func `a token says why it cannot be used`() {
        func token(uses: Int64, revokedAt: Timestamp? = nil) -> EnrolmentToken {
            EnrolmentToken(
                id: .random(), accountID: .random(), domainID: .random(), useLimit: 2, uses: uses, createdAt: Timestamp(seconds: 0),
                expiresAt: Timestamp(seconds: 100), revokedAt: revokedAt, madeBy: "provider:root")
        }
        #expect(token(uses: 1).state(at: Timestamp(seconds: 99)) == .usable)
        #expect(token(uses: 2).state(at: Timestamp(seconds: 99)) == .usedUp)
        #expect(token(uses: 1).state(at: Timestamp(seconds: 100)) == .expired)
        #expect(token(uses: 1, revokedAt: Timestamp(seconds: 1)).state(at: Timestamp(seconds: 2)) == .revoked)
    }

    @Test func `two tokens never have one text`() {
        var generator = SystemRandomNumberGenerator()
        let texts = Set((0..<100).map { _ in EnrolmentToken.randomText(using: &generator) })
        #expect(texts.count == 100)
        #expect(texts.allSatisfy { $0.hasPrefix("qmt-") && $0.utf8.count == 56 })
    }

    @Test(arguments: ["relative", "/", "/a/../b", "/a//b", "/a/.", "/a\nb", "/" + String(repeating: "x", count: 1024)])
    func `a pad's directory is a plain absolute path`(path: String) {
        #expect(throws: AccountError.self) { try PadRecord.checkedDirectory(path) }
    }

    @Test func `a slash at the end of a pad's directory is dropped`() throws {
        #expect(try PadRecord.checkedDirectory("/srv/pads/one/") == "/srv/pads/one")
    }
}
