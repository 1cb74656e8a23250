import Identifiers
import Provider
import Store
import TestSupport
import Testing

@testable import Server

/// Alarms and notices: who reads them, and who closes them.
@Suite struct NotificationRequestTests {
    private struct Customers {
        let acme: AccountID
        let beta: AccountID
    }

    /// A controller with two customers: one alarm for each, and one for the provider alone.
    private func with(_ body: (RunningController, Customers) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let data = DataDirectory(directory + "/data")
            _ = try await Initialization(directory: data).run()
            let store = try await Store(directory: data)
            let customers = try await store.write { transaction in
                let acme = try transaction.createAccount(name: Name("Acme"), by: .provider("test")).id
                let beta = try transaction.createAccount(name: Name("Beta"), by: .provider("test")).id
                for account in [acme, beta, nil] {
                    let alarm = Provider.Notification(
                        kind: .fork, severity: .alarm, accountID: account, subject: "host-1", text: "host-1 was cloned")
                    for _ in 0..<3 { try transaction.notify(alarm) }
                }
                return Customers(acme: acme, beta: beta)
            }
            try store.close()
            try await RunningController.serve(directory) { try await body($0, customers) }
        }
    }

    @Test func theProviderReadsAllAndClosesThemWithATrace() async throws {
        try await with { controller, customers in
            let all = try await controller.done("GET", "/v1/notifications")["notifications"].elements
            #expect(all.map { $0["accountID"].string } == [customers.acme.text, customers.beta.text, nil])
            #expect(all.allSatisfy { $0["kind"].string == "fork" && $0["severity"].string == "alarm" && $0["occurrences"].integer == 3 })
            #expect(try await controller.done("GET", "/v1/notifications?account=\(customers.beta)")["notifications"].count == 1)
            let page = try await controller.done("GET", "/v1/notifications?limit=2")
            let next = try #require(page["next"].string)
            #expect(try await controller.done("GET", "/v1/notifications?limit=2&after=\(next)")["notifications"].count == 1)

            let id = try #require(all[0]["notificationID"].string)
            for _ in 0..<2 {
                let closed = try await controller.done("POST", "/v1/notifications/\(id)/close", #"{"reason":"mended"}"#)
                #expect(closed["closedAt"].string != nil)
                #expect(closed["closedBy"].string?.hasPrefix("provider:") == true)
            }
            #expect(try await controller.done("GET", "/v1/notifications")["notifications"].count == 2)
            #expect(try await controller.done("GET", "/v1/notifications?includeClosed=true")["notifications"].count == 3)
            let audit = try await controller.done("GET", "/v1/audit/events?account=\(customers.acme)")["events"].elements
            let traces = audit.filter { $0["action"].string == "notification.close" }
            #expect(traces.map { $0["detail"].string } == ["fork: host-1 reason=mended"])
            for wrong in ["notification-99", "notification-0", "17", "host-1"] {
                try await controller.refused(
                    "POST", "/v1/notifications/\(wrong)/close", nil, "not-found", "there is no notification \(wrong)")
            }
        }
    }

    @Test func aCustomersAdministratorReadsAndClosesTheAccountsOwn() async throws {
        try await with { controller, customers in
            _ = try await controller.done("POST", "/v1/domains", #"{"accountID":"\#(customers.acme)","name":"web"}"#)
            for (name, role) in [("carol", "customer-admin"), ("dave", "server-admin")] {
                _ = try await controller.done(
                    "POST", "/v1/users",
                    #"{"accountID":"\#(customers.acme)","domain":"web","name":"\#(name)","role":"\#(role)","password":"right"}"#)
            }
            func login(_ name: String) async throws -> String {
                let body = #"{"accountID":"\#(customers.acme)","domain":"web","user":"\#(name)","password":"right"}"#
                return try #require(try await controller.done("POST", "/v1/session", body)["token"].string)
            }
            let carol = try await login("carol")
            let own = try await controller.done("GET", "/v1/notifications", token: carol)["notifications"].elements
            #expect(own.map { $0["accountID"].string } == [customers.acme.text])
            try await controller.refused(
                "GET", "/v1/notifications?account=\(customers.beta)", nil, "not-permitted", "needed is the role provider-admin",
                token: carol)
            for other in ["notification-2", "notification-3", "notification-99"] {
                try await controller.refused(
                    "POST", "/v1/notifications/\(other)/close", nil, "not-permitted", "needed is the role provider-admin", token: carol)
            }
            let id = try #require(own.first?["notificationID"].string)
            let closed = try await controller.done("POST", "/v1/notifications/\(id)/close", token: carol)
            #expect(closed["closedBy"].string?.hasPrefix("user:") == true)
            try await controller.refused(
                "GET", "/v1/notifications", nil, "not-permitted", "may not list notifications", token: try await login("dave"))
        }
    }
}
