import Store
import Testing

@testable import Server

/// What customers' users may see and do after they logged in. Over a real socket, as the controller's own user: the token decides.
@Suite struct SessionTests {
    /// Two customers, Acme and Beta; Acme has the domains web and db.
    private struct Scene {
        let controller: RunningController
        let acme: String
        let beta: String

        init(_ controller: RunningController) async throws {
            self.controller = controller
            acme = try #require(try await controller.done("POST", "/v1/accounts", #"{"name":"Acme"}"#)["accountID"].string)
            beta = try #require(try await controller.done("POST", "/v1/accounts", #"{"name":"Beta"}"#)["accountID"].string)
            for (account, domain) in [(acme, "web"), (acme, "db"), (beta, "web")] {
                _ = try await controller.done("POST", "/v1/domains", #"{"accountID":"\#(account)","name":"\#(domain)"}"#)
            }
        }

        @discardableResult
        func user(_ name: String, _ role: String, domain: String = "web", token: String? = nil) async throws -> String {
            let made = try await controller.done(
                "POST", "/v1/users",
                #"{"accountID":"\#(acme)","domain":"\#(domain)","name":"\#(name)","role":"\#(role)","password":"right"}"#, token: token)
            return try #require(made["userID"].string)
        }

        func login(_ name: String, domain: String = "web", password: String = "right") async throws -> String {
            let answer = try await controller.done("POST", "/v1/session", body(name, domain, password))
            return try #require(answer["token"].string)
        }

        func body(_ name: String, _ domain: String, _ password: String, account: String? = nil) -> String {
            #"{"accountID":"\#(account ?? acme)","domain":"\#(domain)","user":"\#(name)","password":"\#(password)"}"#
        }
    }

    private func with(_ body: (Scene) async throws -> Void) async throws {
        try await RunningController.run { try await body(Scene($0)) }
    }

    @Test func aLoginSaysWhoOneIsAndALogoutEndsIt() async throws {
        try await with { scene in
            try await scene.user("carol", "customer-admin")
            let answer = try await scene.controller.done("POST", "/v1/session", scene.body("carol", "web", "right"))
            #expect(answer.names == ["role", "user", "userID", "accountID", "domain", "createdAt", "expires", "token"])
            let token = try #require(answer["token"].string)
            #expect(token.hasPrefix("qms-") && token.count == 56)
            let shown = try await scene.controller.done("GET", "/v1/session", token: token)
            #expect(shown["user"].string == "carol" && shown["role"].string == "customer-admin" && shown["token"].string == nil)
            _ = try await scene.controller.done("DELETE", "/v1/session", token: token)
            try await scene.controller.refused("GET", "/v1/session", nil, "not-authenticated", "log in again", token: token)
            let own = try await scene.controller.done("GET", "/v1/session")
            #expect(own["role"].string == "provider-admin" && own["accountID"].string == nil)
        }
    }

    @Test func whateverIsWrongWithALoginTheReasonIsOneAndTheSame() async throws {
        try await with { scene in
            try await scene.user("carol", "customer-admin")
            for body in [
                scene.body("carol", "web", "wrong"), scene.body("nobody", "web", "right"), scene.body("carol", "db", "right"),
                scene.body("carol", "none", "right"), scene.body("carol", "web", "right", account: scene.beta),
                scene.body("carol", "web", "right", account: "account-none"), scene.body("carol", "web", ""),
            ] {
                let answer = try await scene.controller.send("POST", "/v1/session", body)
                #expect(answer.status == 401)
                #expect(answer.json["error"]["code"].string == "not-authenticated")
                #expect(answer.json["error"]["message"].string?.contains("do not belong together") == true)
            }
            // One entry in the audit, whatever the number.
            let events = try await scene.controller.done("GET", "/v1/audit/events")["events"].elements
            let refused = events.filter { $0["action"].string == "session.open" && $0["outcome"].string == "refused" }
            #expect(refused.count == 1)
            #expect(refused.first?["actor"].string == "local:root(0)")
        }
    }

    @Test func guessesAreMadeToWait() async throws {
        try await with { scene in
            try await scene.user("carol", "customer-admin")
            for _ in 0..<11 { _ = try await scene.controller.send("POST", "/v1/session", scene.body("carol", "web", "wrong")) }
            // More of them take longer than a loaded machine leaves before the wait is over.
            let store = try await Store(directory: DataDirectory(scene.controller.directory + "/data"))
            _ = try await store.write { try $0.execute("UPDATE authentication_failures SET failures = 30") }
            try store.close()
            try await scene.controller.refused(
                "POST", "/v1/session", scene.body("carol", "web", "right"), "not-authenticated", "too many wrong passwords")
            // Whoever guesses waits for other users' names too.
            try await scene.controller.refused(
                "POST", "/v1/session", scene.body("somebody", "web", "right"), "not-authenticated", "too many wrong passwords")
        }
    }

    @Test func aTokenThatIsNoneIsRefused() async throws {
        try await with { scene in
            for token in ["", "qms-nonsense", String(repeating: "x", count: 10_000)] {
                try await scene.controller.refused("GET", "/v1/accounts", nil, "not-authenticated", "has ended", token: token)
            }
            let basic = try await scene.controller.send(
                raw: "GET /v1/accounts HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Basic cm9vdDo=\r\n\r\n")
            #expect(basic.status == 401)
        }
    }

    @Test func aDisabledUserANewPasswordAndAClosedAccountEndSessions() async throws {
        try await with { scene in
            let carol = try await scene.user("carol", "customer-admin")
            let first = try await scene.login("carol")
            _ = try await scene.controller.done("POST", "/v1/users/\(carol)/disable")
            try await scene.controller.refused("GET", "/v1/session", nil, "not-authenticated", "has ended", token: first)
            try await scene.controller.refused(
                "POST", "/v1/session", scene.body("carol", "web", "right"), "not-authenticated", "is disabled")
            _ = try await scene.controller.done("POST", "/v1/users/\(carol)/enable")
            try await scene.controller.refused("GET", "/v1/session", nil, "not-authenticated", "has ended", token: first)
            let second = try await scene.login("carol")
            _ = try await scene.controller.done("PUT", "/v1/users/\(carol)/password", #"{"password":"new"}"#)
            try await scene.controller.refused("GET", "/v1/session", nil, "not-authenticated", "has ended", token: second)
            let third = try await scene.controller.done("POST", "/v1/session", scene.body("carol", "web", "new"))["token"].string
            _ = try await scene.controller.done("POST", "/v1/accounts/\(scene.acme)/close")
            try await scene.controller.refused("GET", "/v1/session", nil, "not-authenticated", "has ended", token: third)
            try await scene.controller.refused(
                "POST", "/v1/session", scene.body("carol", "web", "new"), "not-authenticated", "account is closed")
        }
    }

    @Test func aCustomerSeesItsOwnAccountAlone() async throws {
        try await with { scene in
            try await scene.user("carol", "customer-admin")
            let token = try await scene.login("carol")
            let controller = scene.controller
            for account in [scene.acme, scene.beta] {
                _ = try await controller.done("PUT", "/v1/accounts/\(account)/contract", #"{"capacityBytes":1000}"#)
            }
            #expect(
                try await controller.done("GET", "/v1/accounts/\(scene.acme)/contract", token: token)["capacityBytes"].integer == 1_000)
            #expect(try await controller.done("GET", "/v1/accounts/\(scene.acme)", token: token)["name"].string == "Acme")
            for target in [
                "/v1/accounts/\(scene.beta)", "/v1/accounts/\(scene.beta)/contract", "/v1/accounts/account-none/contract",
                "/v1/hosts?account=\(scene.beta)", "/v1/associations?account=\(scene.beta)", "/v1/users?account=\(scene.beta)",
                "/v1/domains?account=\(scene.beta)", "/v1/tokens?account=\(scene.beta)", "/v1/audit/events?account=\(scene.beta)",
                "/v1/hosts/host-none", "/v1/associations/association-1", "/v1/instructions/instruction-1",
            ] {
                try await controller.refused("GET", target, nil, "not-permitted", "needed is the role provider-admin", token: token)
            }
            for target in ["/v1/hosts", "/v1/associations", "/v1/users", "/v1/domains", "/v1/tokens", "/v1/audit/events"] {
                _ = try await controller.done("GET", target, token: token)
            }
            #expect(try await controller.done("GET", "/v1/domains", token: token)["domains"].count == 2)
            #expect(try await controller.done("GET", "/v1/users", token: token)["users"].count == 1)
            let audit = try await controller.done("GET", "/v1/audit/events", token: token)["events"].elements
            #expect(audit.contains { $0["action"].string == "account.create" })
            #expect(!audit.contains { $0["subject"].string == scene.beta })
            for (method, target) in [
                ("GET", "/v1/accounts"), ("POST", "/v1/accounts/\(scene.acme)/close"), ("GET", "/v1/systems"), ("GET", "/v1/pads"),
                ("POST", "/v1/backup"), ("POST", "/v1/keys/rotate"), ("GET", "/v1/initiators"), ("POST", "/v1/hosts/host-a/suspend"),
            ] {
                try await controller.refused(
                    method, target, nil, "not-permitted", "carol of web (customer-admin) may not ", token: token)
            }
        }
    }

    @Test func aCustomerAdminSetsUpDomainsUsersAndTokens() async throws {
        try await with { scene in
            try await scene.user("carol", "customer-admin")
            let token = try await scene.login("carol")
            let controller = scene.controller
            _ = try await controller.done("POST", "/v1/domains", #"{"accountID":"\#(scene.acme)","name":"new"}"#, token: token)
            try await controller.refused(
                "POST", "/v1/domains", #"{"accountID":"\#(scene.beta)","name":"new"}"#, "not-permitted", "provider-admin", token: token)
            let alice = try await scene.user("alice", "server-admin", domain: "new", token: token)
            _ = try await controller.done("POST", "/v1/users/\(alice)/disable", token: token)
            let made = try await controller.done(
                "POST", "/v1/tokens", #"{"accountID":"\#(scene.acme)","domain":"new","uses":5}"#, token: token)
            #expect(made["token"].string?.hasPrefix("qmt-") == true)
            let id = try #require(made["tokenID"].string)
            #expect(try await controller.done("POST", "/v1/tokens/\(id)/revoke", token: token)["state"].string == "revoked")
            let actors = try await controller.done("GET", "/v1/audit/events?newestFirst=true&limit=1", token: token)["events"]
            #expect(actors[0]["actor"].string?.hasPrefix("user:user-") == true)
            #expect(actors[0]["action"].string == "token.revoke")
            try await controller.refused(
                "POST", "/v1/users",
                #"{"accountID":"\#(scene.acme)","domain":"web","name":"x","role":"provider-admin"}"#, "not-permitted",
                "provider-admin", token: token)
        }
    }

    @Test func aDomainAdminsReachEndsWithItsDomain() async throws {
        try await with { scene in
            let carol = try await scene.user("carol", "customer-admin")
            try await scene.user("dora", "domain-admin", domain: "db")
            let token = try await scene.login("dora", domain: "db")
            let controller = scene.controller
            let bob = try await scene.user("bob", "server-admin", domain: "db", token: token)
            #expect(try await controller.done("GET", "/v1/users", token: token)["users"].count == 2)
            #expect(try await controller.done("GET", "/v1/domains", token: token)["domains"][0]["name"].string == "db")
            _ = try await controller.done("POST", "/v1/users/\(bob)/unlock", token: token)
            for (method, target, body) in [
                ("POST", "/v1/users/\(carol)/disable", nil), ("PUT", "/v1/users/\(carol)/password", #"{"password":"x"}"#),
                ("POST", "/v1/users", #"{"accountID":"\#(scene.acme)","domain":"web","name":"x","role":"server-admin"}"#),
                ("POST", "/v1/users", #"{"accountID":"\#(scene.acme)","domain":"db","name":"x","role":"domain-admin"}"#),
                ("POST", "/v1/users", #"{"accountID":"\#(scene.acme)","domain":"db","name":"x","role":"server-admin","poolBytes":1}"#),
                ("POST", "/v1/domains", #"{"accountID":"\#(scene.acme)","name":"x"}"#),
                ("POST", "/v1/tokens", #"{"accountID":"\#(scene.acme)","domain":"db"}"#), ("GET", "/v1/audit/events", nil),
            ] as [(String, String, String?)] {
                try await controller.refused(method, target, body, "not-permitted", "needed is the role", token: token)
            }
        }
    }

    @Test func anEndUserReadsTheContractAndMakesNothing() async throws {
        try await with { scene in
            try await scene.user("eve", "end-user")
            let token = try await scene.login("eve")
            _ = try await scene.controller.done(
                "PUT", "/v1/accounts/\(scene.acme)/contract", #"{"end":"2026-11-20T00:00:00Z","start":"2026-11-19T00:00:00Z"}"#)
            #expect(
                try await scene.controller.done("GET", "/v1/accounts/\(scene.acme)/contract", token: token)["state"].string == "expired")
            // A contract that has ended can still be read.
            _ = try await scene.login("eve")
            #expect(try await scene.controller.done("GET", "/v1/associations", token: token)["associations"].count == 0)
            try await scene.controller.refused("GET", "/v1/hosts", nil, "not-permitted", "customer-admin or domain-admin", token: token)
        }
    }
}
