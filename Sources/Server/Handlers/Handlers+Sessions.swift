import ControllerAPI
import Daemons
import Identifiers
import Provider
import Sealing
import Store

extension Handlers {
    /// The password is checked as a registration's is: one reason, one cost, and longer and longer waits for who guesses.
    func openSession(_ call: Call) async throws -> Answer {
        let document = try call.document(NewSession.self)
        let password = Array(document.password.utf8)
        guard password.count <= 1_024 else { throw RequestError.invalid(field: "password", reason: "has more than 1024 bytes") }
        let credentials = Credentials(
            account: document.accountID, domain: document.domain, secret: .password(user: document.user, password),
            origin: .peer(call.peer.userID))
        let outcome = try await parts.authentication.verify(credentials, for: .session)
        var generator = SystemRandomNumberGenerator()
        let token = Session.randomToken(using: &generator)
        let digest = SHA256.digest(Array(token.utf8))
        let decided = try await store.write { transaction -> Result<Session, HostRefusal> in
            switch try outcome.settle(in: transaction) {
            case .refused(let refusal): return .failure(refusal)
            case .accepted(let identity):
                guard let user = identity.userID else { return .failure(.badCredentials) }
                return .success(try transaction.openSession(user: user, digest: digest, from: call.peer.name))
            }
        }
        switch decided {
        case .success(let session): return .document(SessionDocument(session, token: token))
        case .failure(let refusal):
            await parts.refusals.note(
                .nobody(name: call.peer.name), action: "session.open", subject: document.accountID.text,
                detail: "\(refusal.reason.rawValue): user \(document.user.prefix(128)) of domain \(document.domain.prefix(128))")
            throw RequestError.loginRefused(refusal.text)
        }
    }

    func showSession(_ call: Call) async throws -> Answer { .document(SessionDocument(call.caller)) }

    /// Of the provider's people nothing ends: the kernel names them.
    func closeSession(_ call: Call) async throws -> Answer {
        if let token = call.token {
            let digest = SHA256.digest(token)
            try await store.write { try $0.closeSession(digest: digest) }
        }
        return .document(SessionDocument(call.caller))
    }
}

extension SessionDocument {
    init(_ session: Session, token: String? = nil) {
        self.init(
            role: RoleName(session.role), user: session.user, userID: session.userID, accountID: session.accountID, domain: session.domain,
            createdAt: session.createdAt, expires: session.expiresAt, token: token)
    }

    init(_ caller: CallerIdentity) {
        switch caller {
        case .session(let session): self.init(session)
        case .provider(let name), .nobody(let name):
            self.init(role: .providerAdmin, user: name, userID: nil, accountID: nil, domain: nil, createdAt: nil, expires: nil)
        }
    }
}
