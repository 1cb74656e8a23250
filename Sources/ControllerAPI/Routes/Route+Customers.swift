extension Route {
    static let controller: [Route] = [
        Route(
            .showController, .get, "/v1/controller", "The controller that answers.", callers: .everybody,
            response: ControllerDocument.self),
        Route(
            .showOpenAPI, .get, "/openapi.json", "This document.", callers: .everybody, isOpen: true, contentType: "application/json"),
        Route(
            .showMetrics, .get, "/metrics", "What the controller counts and times, in Prometheus' text format.",
            contentType: "text/plain; version=0.0.4; charset=utf-8"),
        Route(.backup, .post, "/v1/backup", "A consistent copy of everything, to be kept secret.", contentType: "application/octet-stream"),
        Route(.showKeys, .get, "/v1/keys", "The controller's keys.", response: KeysDocument.self),
        Route(.rotateKeys, .post, "/v1/keys/rotate", "New leaf keys under the same authority.", response: KeysDocument.self),
    ]

    static let sessions: [Route] = [
        Route(
            .openSession, .post, "/v1/session", "Logs a customer's user in; the session's token is in this answer only.",
            callers: .everybody, isOpen: true, request: NewSession.self, response: SessionDocument.self),
        Route(.showSession, .get, "/v1/session", "Who asks, and until when.", callers: .everybody, response: SessionDocument.self),
        Route(.closeSession, .delete, "/v1/session", "Ends the session that asks.", callers: .everybody, response: SessionDocument.self),
    ]

    static let accounts: [Route] = [
        Route(.createAccount, .post, "/v1/accounts", "A new customer.", request: NewAccount.self, response: AccountDocument.self),
        Route(
            .listAccounts, .get, "/v1/accounts", "Customers, in the order of their IDs.", query: QueryParameter.page,
            response: AccountList.self),
        Route(.showAccount, .get, "/v1/accounts/{accountID}", "One customer.", callers: .everybody, response: AccountDocument.self),
        Route(
            .closeAccount, .post, "/v1/accounts/{accountID}/close", "Ends a customer's use; its records stay.", query: [.dryRun],
            request: Reason.self, response: AccountDocument.self),
        Route(
            .setContract, .put, "/v1/accounts/{accountID}/contract", "What the customer has agreed to, from now on.",
            request: NewContract.self, response: ContractDocument.self),
        Route(
            .showContract, .get, "/v1/accounts/{accountID}/contract", "What the customer has agreed to.", callers: .everybody,
            response: ContractDocument.self),
    ]

    static let domains: [Route] = [
        Route(
            .createDomain, .post, "/v1/domains", "A named group of a customer's hosts.", callers: [.provider, .customerAdmin],
            request: NewDomain.self, response: DomainDocument.self),
        Route(
            .listDomains, .get, "/v1/domains", "Domains, in the order of their IDs.", callers: .administrators,
            query: QueryParameter.page, response: DomainList.self),
    ]

    static let users: [Route] = [
        Route(
            .createUser, .post, "/v1/users", "A login in a domain.", callers: .administrators, request: NewUser.self,
            response: UserDocument.self),
        Route(
            .listUsers, .get, "/v1/users", "Users, in the order of their IDs.", callers: .administrators, query: QueryParameter.page,
            response: UserList.self),
        Route(
            .disableUser, .post, "/v1/users/{userID}/disable", "No new registration with this login.", callers: .administrators,
            response: UserDocument.self),
        Route(
            .enableUser, .post, "/v1/users/{userID}/enable", "Undoes disable.", callers: .administrators, response: UserDocument.self),
        Route(
            .unlockUser, .post, "/v1/users/{userID}/unlock", "Forgets the failed guesses at this user's password.",
            callers: .administrators, response: UserDocument.self),
        Route(
            .setPassword, .put, "/v1/users/{userID}/password", "A new password; the old one ends at once.", callers: .administrators,
            request: NewPassword.self, response: UserDocument.self),
    ]

    static let tokens: [Route] = [
        Route(
            .createToken, .post, "/v1/tokens", "An enrolment token; its secret is in this answer only.",
            callers: [.provider, .customerAdmin], request: NewToken.self, response: TokenDocument.self),
        Route(
            .listTokens, .get, "/v1/tokens", "Enrolment tokens, without their secrets.", callers: [.provider, .customerAdmin],
            query: QueryParameter.page, response: TokenList.self),
        Route(
            .revokeToken, .post, "/v1/tokens/{tokenID}/revoke", "No new registration with this token.",
            callers: [.provider, .customerAdmin], response: TokenDocument.self),
    ]

    static let notifications: [Route] = [
        Route(
            .listNotifications, .get, "/v1/notifications", "Alarms and notices that nobody has closed, the oldest first.",
            callers: [.provider, .customerAdmin], query: QueryParameter.page + [.includeClosed], response: NotificationList.self),
        Route(
            .closeNotification, .post, "/v1/notifications/{notificationID}/close",
            "Somebody has looked at it. Where the same is seen again, it is said anew.", callers: [.provider, .customerAdmin],
            request: Reason.self, response: NotificationDocument.self),
    ]

    static let audit: [Route] = [
        Route(
            .listAudit, .get, "/v1/audit/events",
            "Who did what when, archived events included. A page may be short, or empty, and have a next.",
            callers: [.provider, .customerAdmin], query: QueryParameter.page + [.newestFirst], response: AuditList.self),
        Route(.verifyAudit, .get, "/v1/audit/verification", "Whether the chain holds.", response: AuditVerification.self),
    ]
}
