import Files
import Glibc
import Identifiers

/// `register.conf`, beside `agent.conf`: what a running agent registers this host with, by itself.
///
/// The grammar is that of `agent.conf`, with its section `[registration]` alone. What is not given there is taken from `agent.conf`.
package struct RegistrationFile: Equatable, Sendable {
    package let path: String
    package let pad: String
    package let customer: Customer
    package let controllerKey: Fingerprint
    package let secret: SecretFile
    /// When file or secret were last changed, whichever is later: what was refused before is tried again after that.
    package let changedAt: Timestamp
    /// Which file it is, with which secret: the times of their last changes, `-` where the secret cannot be seen. One that was written again has
    /// another, whatever the clock says meanwhile.
    package let version: String

    /// What the host registers with, and where it is.
    package enum SecretFile: Equatable, Sendable {
        case password(user: String, path: String)
        case token(path: String)

        package var path: String {
            switch self {
            case .password(_, let path), .token(let path): path
            }
        }
    }

    package static let name = "register.conf"

    /// The place of the file that belongs to a configuration.
    package static func path(besideConfiguration path: String?) -> String {
        let configuration = path ?? AgentConfiguration.defaultPath
        guard let slash = configuration.lastIndex(of: "/") else { return name }
        return "\(configuration[...slash])\(name)"
    }

    /// Nil where there is no such file. Throws where others may have written it, and every fault of it at once.
    package static func load(_ path: String, over configuration: AgentConfiguration) throws(AgentError) -> RegistrationFile? {
        let descriptor: FileDescriptor
        let status: stat
        do throws(FileError) {
            descriptor = try FileDescriptor(opening: path, flags: O_RDONLY | O_NONBLOCK)
            status = try descriptor.status()
        } catch {
            if error.errno == ENOENT { return nil }
            throw .file(error)
        }
        try descriptor.requireOwner()
        let bytes = try descriptor.readBytes(limit: ConfigurationFile.maximumBytes)
        // The secrets of `agent.conf` are for `register`.
        var rest = configuration
        (rest.passwordFile, rest.tokenFile) = (nil, nil)
        let file = ConfigurationFile(bytes, file: path, section: "registration", over: rest)
        guard file.faults.isEmpty else { throw .configuration(file.faults) }
        return try RegistrationFile(path, file.configuration, changedAt: Timestamp(changeOf: status))
    }

    private init(_ path: String, _ configuration: AgentConfiguration, changedAt: Timestamp) throws(AgentError) {
        var faults: [ConfigurationFault] = []
        func required<Value>(_ key: String, _ value: Value?) -> Value? {
            if value == nil {
                let allowed = ConfigurationKey.all.first { $0.path == "registration.\(key)" }?.allowed
                faults.append(ConfigurationFault(file: path, line: 0, key: "registration.\(key)", reason: "is missing", allowed: allowed))
            }
            return value
        }
        let pad = required("pad", configuration.pad)
        let account = required("account", configuration.account)
        let controllerKey = required("controller-key", configuration.controllerKey)
        var secret: SecretFile?
        if let token = configuration.tokenFile {
            secret = .token(path: token)
            if configuration.passwordFile != nil {
                faults.append(
                    ConfigurationFault(
                        file: path, line: 0, key: "registration.token-file", reason: "is given together with password-file",
                        allowed: "one of the two"))
            }
        } else {
            _ = required("domain", configuration.domain)
            if let user = required("user", configuration.user),
                let password = required("password-file", configuration.passwordFile)
            {
                secret = .password(user: user, path: password)
            }
        }
        guard faults.isEmpty, let pad, let account, let controllerKey, let secret else { throw .configuration(faults) }
        self.path = path
        self.pad = StateDirectory.padPath(pad)
        self.controllerKey = controllerKey
        self.secret = secret
        var user: String?
        if case .password(let name, _) = secret { user = name }
        customer = Customer(
            accountID: account, domain: configuration.domain, user: user, level: configuration.level, cluster: configuration.cluster)
        // Where the secret cannot be seen, the file alone counts.
        var status = stat()
        let secretAt = stat(secret.path, &status) == 0 ? Timestamp(changeOf: status) : nil
        self.changedAt = secretAt.map { max(changedAt, $0) } ?? changedAt
        version = "\(changedAt) \(secretAt?.description ?? "-")"
    }

    /// Whether the secret is still there, as far as this process can see.
    package var hasSecret: Bool { access(secret.path, F_OK) == 0 || errno != ENOENT }
}

extension Timestamp {
    /// When a file was last changed in any way (ctime), which its owner cannot set.
    init(changeOf status: stat) {
        self.init(microseconds: Int64(status.st_ctim.tv_sec) * 1_000_000 + Int64(status.st_ctim.tv_nsec) / 1_000)
    }
}
