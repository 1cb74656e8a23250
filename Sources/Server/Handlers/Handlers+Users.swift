import ControllerAPI
import Identifiers
import Provider
import Store

extension Handlers {
    func createUser(_ call: Call) async throws -> Answer {
        let document = try call.document(NewUser.self)
        let name = try Name(document.name)
        let role = try Role(document.role)
        let pool = document.poolBytes.map { ByteCount($0) }
        try call.requireMayGive(role)
        if pool != nil, case .session(let session) = call.caller, session.role.scope(of: .assignPools) == nil {
            throw RequestError.callerNotAllowed(
                operation: "\(call.operation.rawValue) with a pool", caller: call.caller.name,
                needed: Role.allCases.filter { $0.scope(of: .assignPools) != nil }.map(\.rawValue))
        }
        // Asked before the hash is made, which takes a while: what cannot be is refused at once.
        let domain = try await store.read { transaction in
            guard call.reach != .everything else {
                return try transaction.existingDomain(account: document.accountID, name: document.domain)
            }
            guard let domain = try transaction.domain(account: document.accountID, name: document.domain), call.reach.includes(domain)
            else { throw call.outside("domain", document.domain) }
            return domain
        }
        let passwordHash = try await hash(document.password)
        return .document(
            try await store.write { transaction in
                let user = try transaction.createUser(
                    account: document.accountID, domain: domain.id, name: name, role: role, pool: pool, passwordHash: passwordHash,
                    by: call.actor)
                return try UserDocument(user, in: transaction)
            })
    }

    func listUsers(_ call: Call) async throws -> Answer {
        let request = try call.page()
        let reach = try call.listReach()
        return .document(
            try await store.read { transaction in
                let page = try transaction.users(within: reach, request)
                return UserList(users: try page.elements.map { try UserDocument($0, in: transaction) }, next: page.next)
            })
    }

    func setState(_ state: User.State, _ call: Call) async throws -> Answer {
        let id = try call.parameter("userID", as: UserID.self)
        let document = try await store.write { transaction in
            try transaction.requireManaged(id, by: call)
            return try UserDocument(try transaction.setState(state, ofUser: id, by: call.actor), in: transaction)
        }
        try await forget(id)
        return .document(document)
    }

    func unlockUser(_ call: Call) async throws -> Answer {
        let id = try call.parameter("userID", as: UserID.self)
        let document = try await store.write { transaction in
            try transaction.requireManaged(id, by: call)
            return try UserDocument(try transaction.unlockUser(id, by: call.actor), in: transaction)
        }
        try await forget(id)
        return .document(document)
    }

    func setPassword(_ call: Call) async throws -> Answer {
        let id = try call.parameter("userID", as: UserID.self)
        let password = try call.document(NewPassword.self).password
        try await store.read { transaction in
            try transaction.requireManaged(id, by: call)
            guard try transaction.user(id) != nil else { throw AccountError.unknown(what: "user", name: id.text) }
        }
        let passwordHash: String = try await hash(password)
        let document = try await store.write { transaction in
            try transaction.requireManaged(id, by: call)
            return try UserDocument(try transaction.setPasswordHash(passwordHash, ofUser: id, by: call.actor), in: transaction)
        }
        try await forget(id)
        return .document(document)
    }

    private func hash(_ password: String?) async throws -> String? {
        if let password { try await hash(password) } else { nil }
    }

    /// 1 to 1024 bytes.
    private func hash(_ password: String) async throws -> String {
        let bytes = Array(password.utf8)
        guard (1...1_024).contains(bytes.count) else { throw RequestError.invalid(field: "password", reason: "has not 1 to 1024 bytes") }
        return try await parts.authentication.hash(bytes)
    }

    /// What is remembered of a verified password ends with what made it right.
    private func forget(_ id: UserID) async throws {
        let found = try await store.read { transaction in
            try transaction.user(id).map { user in (user, try transaction.domain(user.domainID)?.name ?? "") }
        }
        if let (user, domain) = found { parts.authentication.forget(user, domain: domain) }
    }
}

extension Call {
    /// Throws where the caller may not make or change users of that role.
    func requireMayGive(_ role: Role) throws(RequestError) {
        guard case .session(let session) = caller, !session.role.mayGive.contains(role) else { return }
        throw .callerNotAllowed(
            operation: "\(operation.rawValue) of a \(role.rawValue)", caller: caller.name,
            needed: Role.allCases.filter { $0.mayGive.contains(role) }.map(\.rawValue))
    }
}

extension ReadTransaction {
    /// Throws where the user is none that the caller may change. The provider finds out later whether there is one.
    func requireManaged(_ id: UserID, by call: Call) throws {
        guard call.reach != .everything else { return }
        guard let user = try user(id), call.reach.includes(user) else { throw call.outside("user", id.text) }
        try call.requireMayGive(user.role)
    }
}

extension Role {
    init(_ name: RoleName) throws {
        guard let role = Role(rawValue: name.rawValue) else {
            throw RequestError.invalid(field: "role", reason: "is none of \(Role.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self = role
    }
}

extension RoleName {
    init(_ role: Role) {
        self =
            switch role {
            case .providerAdmin: .providerAdmin
            case .customerAdmin: .customerAdmin
            case .domainAdmin: .domainAdmin
            case .serverAdmin: .serverAdmin
            case .endUser: .endUser
            }
    }
}

extension UserDocument {
    init(_ user: User, in transaction: ReadTransaction) throws {
        let domain = try transaction.domain(user.domainID)?.name ?? ""
        let subject = GuessSubject.user(account: user.accountID.text, domain: domain, user: user.name)
        self.init(
            userID: user.id, accountID: user.accountID, domain: domain, name: user.name, role: RoleName(user.role),
            state: user.state == .enabled ? .enabled : .disabled, poolBytes: user.pool?.capacity.bytes,
            poolUsedBytes: user.pool?.used.bytes, hasPassword: user.hasPassword, createdAt: user.createdAt,
            lockedUntil: try transaction.guessesWaitUntil([subject]))
    }
}
