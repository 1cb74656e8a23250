import Foundation
import Testing

@testable import Server

@Suite struct CustomerRequestTests {
    @Test func anAccountIsMadeShownListedAndClosed() async throws {
        try await RunningController.run { controller in
            let made = try await controller.done("POST", "/v1/accounts", #"{"name":"Example Ltd"}"#)
            #expect(made.names == ["accountID", "name", "state", "createdAt"])
            #expect((made["name"].string, made["state"].string) == ("Example Ltd", "open"))
            let id = try #require(made["accountID"].string)
            #expect(try await controller.done("GET", "/v1/accounts/\(id)")["accountID"].string == id)
            #expect(try await controller.done("GET", "/v1/accounts")["accounts"][0]["accountID"].string == id)
            #expect(try await controller.done("GET", "/v1/accounts?account=\(id)")["accounts"].count == 1)
            try await controller.refused("GET", "/v1/accounts?account=account-other", nil, "not-found", "no account account-other")

            #expect(try await controller.done("POST", "/v1/accounts/\(id)/close?dryRun=true")["state"].string == "open")
            let closed = try await controller.done("POST", "/v1/accounts/\(id)/close", #"{"reason":"moved away"}"#)
            #expect(closed["state"].string == "closed")
            #expect(closed["closedAt"].string != nil)
            try await controller.refused("POST", "/v1/domains", #"{"accountID":"\#(id)","name":"web"}"#, "conflict", "is closed")
            let audit = try await controller.done("GET", "/v1/audit/events?account=\(id)")["events"].elements
            #expect(audit.map { $0["action"].string } == ["account.create", "account.close", "account.close-reason"])
            #expect(audit.allSatisfy { $0["actor"].string?.hasPrefix("provider:") == true })
            #expect(audit.last?["detail"].string == "moved away")
        }
    }

    @Test func whatIsWrongWithAnAccountIsSaid() async throws {
        try await RunningController.run { controller in
            _ = try await controller.done("POST", "/v1/accounts", #"{"name":"Example"}"#)
            try await controller.refused("POST", "/v1/accounts", #"{"name":"Example"}"#, "exists", "Example")
            try await controller.refused("POST", "/v1/accounts", #"{"name":""}"#, "bad-input", "empty")
            try await controller.refused("POST", "/v1/accounts", #"{"name":"a\u0000b"}"#, "bad-input", "name")
            try await controller.refused("POST", "/v1/accounts", "{", "bad-input", "JSON syntax")
            try await controller.refused("POST", "/v1/accounts", #"{"name":"a","name":"b"}"#, "bad-input", "given twice")
            try await controller.refused("POST", "/v1/accounts", nil, "bad-input", "JSON")
            try await controller.refused("GET", "/v1/accounts/account-none", nil, "not-found", "no account account-none")
            try await controller.refused("GET", "/v1/accounts/a%20b", nil, "bad-input", "accountID")
            try await controller.refused("GET", "/v1/accounts/account-none/contract", nil, "not-found", "no account")
            try await controller.refused("GET", "/v1/accounts?limit=0", nil, "bad-input", "1 to 1000")
            try await controller.refused("GET", "/v1/accounts?limit=many", nil, "bad-input", "1 to 1000")
            try await controller.refused("GET", "/v1/accounts?acount=x", nil, "bad-input", "account, limit, after")
            try await controller.refused("GET", "/v1/accounts?limit=1&limit=2", nil, "bad-input", "at most once")
            try await controller.refused("GET", "/v1/accounts?after=", nil, "bad-input", "after")
        }
    }

    @Test func aListGoesOnWhereThePageBeforeEnded() async throws {
        try await RunningController.run { controller in
            for index in 1...7 { _ = try await controller.done("POST", "/v1/accounts", #"{"name":"Customer \#(index)"}"#) }
            var seen: [String] = []
            var target = "/v1/accounts?limit=3"
            for _ in 0..<4 {
                let page = try await controller.done("GET", target)
                seen += page["accounts"].elements.compactMap { $0["name"].string }
                guard let next = page["next"].string else { break }
                target = "/v1/accounts?limit=3&after=\(next)"
            }
            #expect(seen.count == 7)
            #expect(Set(seen).count == 7)
        }
    }

    @Test func aContractIsSetInRevisionsAndRead() async throws {
        try await RunningController.run { controller in
            let id = try #require(try await controller.done("POST", "/v1/accounts", #"{"name":"Example"}"#)["accountID"].string)
            try await controller.refused("GET", "/v1/accounts/\(id)/contract", nil, "not-found", "no contract")
            let terms = #"""
                {"capacityBytes":1000,"serviceLevel":2,"currency":"CHF","start":"2026-01-01T00:00:00Z","end":"2026-02-01T00:00:00Z",
                 "tiers":[{"name":"gold","capacityBytes":500},{"name":"silver"}],
                 "rates":[{"item":"storage/gold","unit":"GiB-month","amount":"0.05"}]}
                """#
            let set = try await controller.done("PUT", "/v1/accounts/\(id)/contract", terms)
            #expect((set["revision"].integer, set["state"].string, set["serviceLevel"].integer) == (1, "expired", 2))
            #expect(set["rates"][0]["amount"].string == "0.05")
            #expect(set["tiers"][1]["capacityBytes"].integer == nil)
            #expect(try await controller.done("PUT", "/v1/accounts/\(id)/contract", #"{"capacityBytes":2000}"#)["revision"].integer == 2)
            let shown = try await controller.done("GET", "/v1/accounts/\(id)/contract")
            #expect((shown["capacityBytes"].integer, shown["state"].string, shown["currency"].string) == (2000, "open", "EUR"))
            try await controller.refused("PUT", "/v1/accounts/\(id)/contract", #"{"serviceLevel":4}"#, "bad-input", "give 1, 2 or 3")
            try await controller.refused("PUT", "/v1/accounts/\(id)/contract", #"{"capacityBytes":-1}"#, "bad-input", "negative")
            try await controller.refused(
                "PUT", "/v1/accounts/\(id)/contract", #"{"rates":[{"item":"a","unit":"b","amount":"free"}]}"#, "bad-input", "six decimals")
        }
    }

    @Test func aUserHasARoleAPoolAndAPassword() async throws {
        try await RunningController.run { controller in
            let id = try #require(try await controller.done("POST", "/v1/accounts", #"{"name":"Example"}"#)["accountID"].string)
            _ = try await controller.done("PUT", "/v1/accounts/\(id)/contract", #"{"capacityBytes":1000}"#)
            let domain = try await controller.done("POST", "/v1/domains", #"{"accountID":"\#(id)","name":"web"}"#)
            #expect(domain.names.isSuperset(of: ["domainID", "name"]))
            func user(_ name: String, _ more: String) -> String { #"{"accountID":"\#(id)","domain":"web","name":"\#(name)",\#(more)}"# }
            let made = try await controller.done(
                "POST", "/v1/users", user("alice", #""role":"server-admin","poolBytes":600,"password":"secret""#))
            #expect((made["role"].string, made["poolBytes"].integer, made["hasPassword"].bool) == ("server-admin", 600, true))
            #expect(!made.text.contains("secret"))
            let userID = try #require(made["userID"].string)

            try await controller.refused("POST", "/v1/users", user("bob", #""role":"boss""#), "bad-input", "role")
            try await controller.refused("POST", "/v1/users", user("alice", #""role":"end-user""#), "exists", "alice")
            try await controller.refused("POST", "/v1/users", user("bob", #""role":"end-user","poolBytes":1"#), "bad-input", "server-admin")
            try await controller.refused(
                "POST", "/v1/users", user("bob", #""role":"server-admin","poolBytes":500"#), "bad-input", "pools would be")
            try await controller.refused("POST", "/v1/users", user("bob", #""role":"provider-admin""#), "bad-input", "provider-admin")
            try await controller.refused("POST", "/v1/users", user("bob", #""role":"end-user","password":"""#), "bad-input", "password")
            try await controller.refused(
                "POST", "/v1/users", #"{"accountID":"\#(id)","domain":"db","name":"bob","role":"end-user"}"#, "not-found", "no domain db")

            #expect(try await controller.done("POST", "/v1/users/\(userID)/disable")["state"].string == "disabled")
            #expect(try await controller.done("POST", "/v1/users/\(userID)/enable")["state"].string == "enabled")
            #expect(try await controller.done("POST", "/v1/users/\(userID)/unlock")["lockedUntil"].string == nil)
            _ = try await controller.done("PUT", "/v1/users/\(userID)/password", #"{"password":"another"}"#)
            try await controller.refused("PUT", "/v1/users/user-none/password", #"{"password":"x"}"#, "not-found", "no user")
            try await controller.refused("POST", "/v1/users/user-none/disable", nil, "not-found", "no user")
            let audit = try await controller.done("GET", "/v1/audit/events")
            #expect(!audit.text.contains("secret") && !audit.text.contains("another"))
        }
    }

    @Test func aMemberThatIsNotKnownIsRefusedByItsName() async throws {
        try await RunningController.run { controller in
            let id = try #require(try await controller.done("POST", "/v1/accounts", #"{"name":"Example"}"#)["accountID"].string)
            try await controller.refused("PUT", "/v1/accounts/\(id)/contract", #"{"capacitybytes":1000}"#, "bad-input", "capacitybytes")
            try await controller.refused(
                "PUT", "/v1/accounts/\(id)/contract", #"{"tiers":[{"name":"gold","size":1}]}"#, "bad-input", "tiers[0].size")
            try await controller.refused("GET", "/v1/accounts/\(id)/contract", nil, "not-found", "no contract")
        }
    }

    @Test func aTokenIsShownOnceAndRevoked() async throws {
        try await RunningController.run { controller in
            let id = try #require(try await controller.done("POST", "/v1/accounts", #"{"name":"Example"}"#)["accountID"].string)
            _ = try await controller.done("POST", "/v1/domains", #"{"accountID":"\#(id)","name":"web"}"#)
            let made = try await controller.done(
                "POST", "/v1/tokens", #"{"accountID":"\#(id)","domain":"web","uses":3,"lifetimeSeconds":3600}"#)
            let secret = try #require(made["token"].string)
            let tokenID = try #require(made["tokenID"].string)
            #expect((made["uses"].integer, made["usesLeft"].integer, made["state"].string) == (3, 3, "usable"))
            let listed = try await controller.done("GET", "/v1/tokens?account=\(id)")
            #expect(listed["tokens"][0]["tokenID"].string == tokenID)
            #expect(!listed.text.contains(secret))
            #expect(try await controller.done("POST", "/v1/tokens/\(tokenID)/revoke")["state"].string == "revoked")
            let audit = try await controller.done("GET", "/v1/audit/events")
            #expect(!audit.text.contains(secret))
            try await controller.refused("POST", "/v1/tokens", #"{"accountID":"\#(id)","domain":"web","uses":0}"#, "bad-input", "1 to")
            try await controller.refused(
                "POST", "/v1/tokens", #"{"accountID":"\#(id)","domain":"web","lifetimeSeconds":1}"#, "bad-input", "366 days")
            try await controller.refused("POST", "/v1/tokens/token-none/revoke", nil, "not-found", "no token")
        }
    }
}
