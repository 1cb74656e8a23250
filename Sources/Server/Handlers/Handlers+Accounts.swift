import ControllerAPI
import Identifiers
import Provider
import Store

extension Handlers {
    func createAccount(_ call: Call) async throws -> Answer {
        let name = try Name(try call.document(NewAccount.self).name)
        return .document(AccountDocument(try await store.write { try $0.createAccount(name: name, by: call.actor) }))
    }

    func listAccounts(_ call: Call) async throws -> Answer {
        let request = try call.page()
        let only = try call.account()
        return .document(
            try await store.read { transaction in
                if let only {
                    let account = try transaction.account(only).map(AccountDocument.init)
                    return AccountList(accounts: account.map { [$0] } ?? [], next: nil)
                }
                let page = try transaction.accounts(request)
                return AccountList(accounts: page.elements.map(AccountDocument.init), next: page.next)
            })
    }

    func showAccount(_ call: Call) async throws -> Answer {
        let id = try call.parameter("accountID", as: AccountID.self)
        try call.require(id)
        return .document(AccountDocument(try await store.read { try $0.existingAccount(id) }))
    }

    func closeAccount(_ call: Call) async throws -> Answer {
        let id = try call.parameter("accountID", as: AccountID.self)
        let reason = try call.reason()
        if try call.dryRun() { return .document(AccountDocument(try await store.read { try $0.existingAccount(id) })) }
        return .document(
            AccountDocument(
                try await store.write { transaction in
                    let account = try transaction.closeAccount(id, by: call.actor)
                    if let reason {
                        try transaction.audit(
                            actor: call.actor, action: "account.close-reason", subject: id.text, detail: reason, account: id)
                    }
                    return account
                }))
    }

    func setContract(_ call: Call) async throws -> Answer {
        let id = try call.parameter("accountID", as: AccountID.self)
        let document = try call.document(NewContract.self)
        return .document(
            try await store.write { transaction in
                let terms = try ContractTerms(document, now: transaction.now)
                return ContractDocument(try transaction.setContract(id, terms, by: call.actor), now: transaction.now)
            })
    }

    func showContract(_ call: Call) async throws -> Answer {
        let id = try call.parameter("accountID", as: AccountID.self)
        try call.require(id)
        return .document(
            try await store.read { transaction in
                _ = try transaction.existingAccount(id)
                guard let contract = try transaction.contract(id) else {
                    throw RequestError.notFound(what: "contract of the account", id: id.text)
                }
                return ContractDocument(contract, now: transaction.now)
            })
    }

    func createDomain(_ call: Call) async throws -> Answer {
        let document = try call.document(NewDomain.self)
        try call.require(document.accountID)
        let name = try Name(document.name)
        return .document(
            DomainDocument(try await store.write { try $0.createDomain(account: document.accountID, name: name, by: call.actor) }))
    }

    func listDomains(_ call: Call) async throws -> Answer {
        let request = try call.page()
        let reach = try call.listReach()
        let page = try await store.read { try $0.domains(within: reach, request) }
        return .document(DomainList(domains: page.elements.map(DomainDocument.init), next: page.next))
    }
}

extension ReadTransaction {
    /// The account, or the error that says that there is none.
    func existingAccount(_ id: AccountID) throws -> Account {
        guard let account = try account(id) else { throw AccountError.unknown(what: "account", name: id.text) }
        return account
    }

    /// The domain of that name in an account, or the error that says which of the two there is not.
    func existingDomain(account: AccountID, name: String) throws -> Domain {
        _ = try existingAccount(account)
        guard let domain = try domain(account: account, name: name) else { throw AccountError.unknown(what: "domain", name: name) }
        return domain
    }
}

extension AccountDocument {
    init(_ account: Account) {
        self.init(
            accountID: account.id, name: account.name, state: account.state == .open ? .open : .closed, createdAt: account.createdAt,
            closedAt: account.closedAt)
    }
}

extension DomainDocument {
    init(_ domain: Domain) {
        self.init(domainID: domain.id, accountID: domain.accountID, name: domain.name, createdAt: domain.createdAt)
    }
}

extension ContractTerms {
    init(_ document: NewContract, now: Timestamp) throws {
        var rates: [Contract.Rate] = []
        for rate in document.rates ?? [] {
            guard let amount = AmountText.millionths(rate.amount) else {
                throw RequestError.invalid(
                    field: "rates", reason: "has the amount \"\(rate.amount.prefix(40))\"; give digits with at most six decimals")
            }
            rates.append(Contract.Rate(item: rate.item, unit: rate.unit, amountMillionths: amount))
        }
        try self.init(
            serviceLevel: document.serviceLevel ?? 1, capacity: document.capacityBytes.map { ByteCount($0) },
            currency: document.currency ?? "EUR", startsAt: document.start ?? now, endsAt: document.end,
            tiers: (document.tiers ?? []).map { Contract.Tier(name: $0.name, capacity: $0.capacityBytes.map { ByteCount($0) }) },
            rates: rates)
    }
}

extension ContractDocument {
    init(_ contract: Contract, now: Timestamp) {
        let state: ContractStateName =
            switch contract.state(at: now) {
            case .notYetStarted: .notYetStarted
            case .open: .open
            case .expired: .expired
            }
        self.init(
            accountID: contract.accountID, revision: contract.revision, state: state, serviceLevel: contract.serviceLevel,
            capacityBytes: contract.capacity?.bytes, currency: contract.currency, start: contract.startsAt, end: contract.endsAt,
            agreedAt: contract.agreedAt, tiers: contract.tiers.map { TierDocument(name: $0.name, capacityBytes: $0.capacity?.bytes) },
            rates: contract.rates.map {
                RateDocument(item: $0.item, unit: $0.unit, amount: AmountText.text(millionths: $0.amountMillionths))
            })
    }
}
