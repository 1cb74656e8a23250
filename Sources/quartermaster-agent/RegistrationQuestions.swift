import AgentCore
import Files
import Glibc
import Identifiers
import Messages
import ScratchPad

/// What `register` needs to know: from its options, else from the configuration, else asked for at the terminal.
struct RegistrationQuestions {
    let options: RegisterCommand
    let configuration: AgentConfiguration
    let prompt: Prompt
    /// Read before this process became another user.
    private var secret: Secret?

    init(options: RegisterCommand, configuration: AgentConfiguration, prompt: Prompt) {
        self.options = options
        self.configuration = configuration
        self.prompt = prompt
    }

    private var tokenFile: String? { options.passwordFile == nil ? options.tokenFile ?? configuration.tokenFile : nil }
    private var passwordFile: String? { options.passwordFile ?? configuration.passwordFile }

    /// The pinned key that was given without asking; nil where none was, or where it is no key.
    var givenKey: Fingerprint? {
        options.trustOnFirstUse ? nil : options.controllerKey.flatMap { Fingerprint($0) } ?? configuration.controllerKey
    }

    /// A secret's file is root's, as a rule: where this is root, it is read while this still is. One that is not there may not be needed.
    mutating func readSecretAsRoot() throws(AgentError) {
        guard geteuid() == 0, let path = tokenFile ?? passwordFile else { return }
        do throws(AgentError) {
            secret = try Secret(file: path)
        } catch {
            guard case .file(.system(_, _, ENOENT)) = error else { throw error }
        }
    }

    func pad() throws(AgentError) -> String {
        let path = try given(options.pad, configuration.pad, or: "The scratch pad's directory", option: "--pad")
        guard !path.isEmpty, path.utf8.count < 4096 else { throw .invalid(option: "--pad", value: path, allowed: "a directory's path") }
        return StateDirectory.padPath(path)
    }

    func account() throws(AgentError) -> AccountID {
        if options.account == nil, let account = configuration.account { return account }
        let text = try given(options.account, nil, or: "The customer's account ID", option: "--account")
        guard let account = AccountID(text) else {
            throw .invalid(option: "--account", value: text, allowed: "an account's ID, as the provider gave it")
        }
        return account
    }

    /// True where `customer` is what the options and the configuration say; what they leave out may be anything.
    func agree(with customer: Customer) -> Bool {
        let (domain, user) = (options.domain ?? configuration.domain, options.user ?? configuration.user)
        return customer.level == options.level ?? configuration.level && customer.cluster == options.cluster ?? configuration.cluster
            && (domain == nil || domain == customer.domain) && (user == nil || customer.user == nil || user == customer.user)
    }

    /// Asks for the rest, and sends it. The password is wiped here when it is sealed.
    func send(to enrolment: Enrolment, pad: String, account: AccountID) throws(AgentError) {
        let trust = try trust(hasToken: tokenFile != nil)
        let customer: Customer
        let secret: Secret
        let credential: Registration.Credential
        if let tokenFile {
            secret = try self.secret(in: tokenFile)
            credential = .token(secret.bytes)
            customer = self.customer(account, domain: options.domain ?? configuration.domain, user: nil)
        } else {
            let domain = try given(options.domain, configuration.domain, or: "The customer's domain", option: "--domain")
            let user = try given(options.user, configuration.user, or: "The user who registers this host", option: "--user")
            secret = try password(of: user)
            credential = .password(user: user, password: secret.bytes)
            customer = self.customer(account, domain: domain, user: user)
        }
        defer { secret.wipe() }
        try enrolment.send(Enrolment.Request(pad: pad, customer: customer, trust: trust), credential: credential)
    }

    private func given(_ option: String?, _ setting: String?, or question: String, option name: String) throws(AgentError) -> String {
        if let text = option ?? setting { return text }
        return try prompt.ask(question, option: name)
    }

    private func customer(_ account: AccountID, domain: String?, user: String?) -> Customer {
        Customer(
            accountID: account, domain: domain, user: user, level: options.level ?? configuration.level,
            cluster: options.cluster ?? configuration.cluster)
    }

    private func secret(in file: String) throws(AgentError) -> Secret {
        if let secret { return secret }
        return try Secret(file: file)
    }

    private func password(of user: String) throws(AgentError) -> Secret {
        if let file = passwordFile { return try secret(in: file) }
        return try prompt.askSecret("Password of \(user)", option: "--password-file")
    }

    private func trust(hasToken: Bool) throws(AgentError) -> PadTrust {
        if options.trustOnFirstUse {
            guard hasToken else { throw .trustOnFirstUseWithPassword }
            return .onFirstUse
        }
        if options.controllerKey == nil, let key = configuration.controllerKey { return .pinned(key) }
        guard let text = options.controllerKey ?? askForKey() else { throw .controllerKeyRequired }
        guard let key = Fingerprint(text) else {
            throw .invalid(option: "--controller-key", value: text, allowed: "SHA256: and 43 characters of base64, as the provider told it")
        }
        return .pinned(key)
    }

    private func askForKey() -> String? {
        do throws(AgentError) {
            return try prompt.ask("The controller's fingerprint (SHA256:…)", option: "--controller-key")
        } catch {
            // Nobody to ask, or no answer: the caller says what is missing and why.
            return nil
        }
    }
}
