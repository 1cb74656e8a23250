import AgentCore
import Glibc
import ISCSI
import Initiator

/// The secrets that were given to the wizard, by their questions. They are wiped with it.
struct WizardSecrets {
    private var known: [Wizard.Field: CHAPSecret] = [:]

    enum Refusal: Error, CustomStringConvertible {
        case unreadable(AgentError)
        /// There is no file of that name: it may be the secret itself, and is not told.
        case noFile
        /// What a rule says of it.
        case forbidden(String)

        var description: String {
            switch self {
            case .unreadable(let error): error.description
            case .noFile:
                "There is no file of that name, which is not repeated here. Enter alone, and the secret is asked for; or name a file of mode 0600 that holds it"
            case .forbidden(let rule): "The secret cannot be used: \(rule)"
            }
        }
    }

    /// Reads a secret, from its file or from who types it. Returns what is advised against.
    mutating func take(
        _ field: Wizard.Field, _ value: String, _ answers: [Wizard.Field: String], _ console: WizardConsole
    ) throws(Refusal) -> [String] {
        known[field] = nil
        let secret: CHAPSecret
        do throws(AgentError) {
            guard let given = try Self.read(value, console) else { throw AgentError.emptySecret(path: "what was typed") }
            secret = given
        } catch {
            if case .file(let reason) = error, [ENOENT, ENOTDIR, ENAMETOOLONG].contains(reason.errno) { throw .noFile }
            throw .unreadable(error)
        }
        let findings = self.findings(field, secret, answers)
        if let refusal = findings.first(where: \.isRefusal) { throw .forbidden("\(refusal)") }
        known[field] = secret
        return findings.map(\.description)
    }

    /// Nil where nothing was typed.
    private static func read(_ value: String, _ console: WizardConsole) throws(AgentError) -> CHAPSecret? {
        guard value == "-" else { return try SessionCHAPOptions.secret(value) }
        guard let typed = try console.secret("The secret") else { return nil }
        defer { typed.wipe() }
        return CHAPSecret(typed.bytes)
    }

    /// Those of the whole, as far as it is known.
    private func findings(_ field: Wizard.Field, _ secret: CHAPSecret, _ answers: [Wizard.Field: String]) -> [CHAPRule] {
        switch field {
        case .chapSecret: CHAPCredentials(user: answers[.chapUser] ?? "", secret: secret).findings
        case .discoverySecret: CHAPCredentials(user: answers[.discoveryUser] ?? "", secret: secret).findings
        case .mutualSecret: mutual(secret, answers[.mutualUser], known[.chapSecret], answers[.chapUser])
        case .discoveryMutualSecret: mutual(secret, answers[.discoveryMutualUser], known[.discoverySecret], answers[.discoveryUser])
        default: []
        }
    }

    private func mutual(_ secret: CHAPSecret, _ name: String?, _ own: CHAPSecret?, _ user: String?) -> [CHAPRule] {
        guard let own, let user else { return [] }
        let before = CHAPCredentials(user: user, secret: own).findings
        return CHAPCredentials(user: user, secret: own, mutual: .init(user: name, secret: secret)).findings.filter { !before.contains($0) }
    }

    /// What forbids credentials whose parts were each allowed when they were given.
    static func refusal(_ credentials: CHAPCredentials?) -> Refusal? {
        credentials?.findings.first(where: \.isRefusal).map { .forbidden("\($0)") }
    }

    /// Nil where none are wanted.
    func credentials(_ given: Wizard.Credentials?, _ secret: Wizard.Field, _ mutual: Wizard.Field) -> CHAPCredentials? {
        guard let given, let own = known[secret] else { return nil }
        let other = given.mutualSecretFile == nil ? nil : known[mutual]
        return CHAPCredentials(user: given.user, secret: own, mutual: other.map { .init(user: given.mutualUser, secret: $0) })
    }
}
