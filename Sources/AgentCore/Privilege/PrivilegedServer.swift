import CLinux
import Files
import Glibc
import HostFacts
import Identifiers
import Messages
import StrictJSON

/// The root helper's side: one request of one connection. What it may do is in its requests; what it believes is what root wrote.
package struct PrivilegedServer: Sendable {
    /// Who may ask besides root, by name; nobody where there is no such user.
    package let user: String
    package let configurationPath: String?
    /// Empty for the machine's own.
    package let root: String
    package let log: Log
    /// How long a whole connection may take, the work itself left out.
    package var patience = Duration.seconds(20)

    package init(user: String, configurationPath: String?, root: String, log: Log) {
        self.user = user
        self.configurationPath = configurationPath
        self.root = root
        self.log = log
    }

    /// The socket that the service manager handed over: standard input, or the first descriptor behind the usual ones (sd_listen_fds(3)).
    package static func inherited() throws(AgentError) -> FileDescriptor {
        for number in [STDIN_FILENO, 3] {
            var status = stat()
            if fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK {
                return FileDescriptor(owning: number, path: "the helper's socket")
            }
        }
        throw .invalid(
            option: "helper", value: "standard input",
            allowed: "a connected socket, as quartermaster-agent-helper.socket hands over; "
                + "this command is the service manager's")
    }

    /// Reads the request, does it, answers. Throws where whoever asked may not ask, or is not heard or listening.
    package func serve(_ descriptor: FileDescriptor) throws(AgentError) {
        do throws(FileError) {
            let connection = try PrivilegedConnection(descriptor, patience: patience)
            let peer = try connection.peer()
            var known: UInt32 = 0
            let isKnown = peer == 0 || quartermaster_user(user, &known) == 0 && peer == known
            var answer = PrivilegedAnswer(.refused, detail: "user \(peer) may not ask")
            if isKnown { answer = self.answer(to: try connection.receive(limit: PrivilegedConnection.maximumRequestBytes)) }
            if answer.outcome != .done { log.warning("a request of user \(peer): \(answer.outcome.rawValue): \(answer.detail ?? "")") }
            // The work took its own time.
            var bytes = answer.jsonBytes
            defer { Secret.wipe(&bytes) }
            try PrivilegedConnection(descriptor, patience: patience).send(bytes)
        } catch {
            throw .file(error)
        }
    }

    /// Whatever was asked; nothing that comes in ends this process.
    package func answer(to bytes: [UInt8]) -> PrivilegedAnswer {
        let request: PrivilegedRequest
        do throws(JSONError) {
            request = try PrivilegedRequest(json: JSONFields(JSONValue.parse(bytes, limits: Self.limits)))
        } catch {
            return PrivilegedAnswer(.refused, detail: "the request cannot be read: \(error)")
        }
        do throws(AgentError) {
            return try answer(to: request)
        } catch .refused(_, let text) {
            return PrivilegedAnswer(.refused, detail: text)
        } catch {
            return PrivilegedAnswer(.failed, detail: "\(error)")
        }
    }

    package static let limits = JSONLimits(maximumBytes: PrivilegedConnection.maximumRequestBytes, maximumDepth: 4)

    private func answer(to request: PrivilegedRequest) throws(AgentError) -> PrivilegedAnswer {
        switch request {
        case .facts:
            let tree: Tree
            do throws(FileError) { tree = try Tree(sysroot: root.isEmpty ? nil : root) } catch { throw .file(error) }
            var answer = PrivilegedAnswer(.done)
            answer.facts = PrivilegedFacts.read(tree)
            return answer
        case .scan(let order):
            let configuration = try self.configuration()
            let work = OrderedWork(
                trust: TrustDirectory(configuration.helperDirectory), configured: try keys(configuration), now: HostClock.system.now())
            let result = try work.carryOut(order, .rescan) { BusScan.run(root: root).acknowledged }
            log.notice("scanned the buses as the controller ordered: \(result.detail)")
            switch result.outcome {
            case .done, .received: return PrivilegedAnswer(.done, detail: result.detail)
            case .refused, .expired, .unsupported: return PrivilegedAnswer(.refused, detail: result.detail)
            case .failed: return PrivilegedAnswer(.failed, detail: result.detail)
            }
        case .registrationSecret:
            let (configuration, file) = try registration()
            var answer = PrivilegedAnswer(.done)
            answer.secret = try PrivilegedSecret(file.secret.path).read()
            // Root named this controller: what it orders later is believed, also when the file is gone.
            try TrustDirectory(configuration.helperDirectory).trust(file, at: HostClock.system.now())
            log.notice("handed over the secret in \(file.secret.path), for the registration with \(file.customer.accountID)")
            return answer
        case .removeRegistrationSecret:
            let (configuration, file) = try registration()
            try requireHandedOver(file, configuration)
            switch try PrivilegedSecret(file.secret.path).remove() {
            case .absent: return PrivilegedAnswer(.done)
            case .removed(let rest):
                log.notice("removed \(file.secret.path)\(rest.map { "; \($0)" } ?? "")")
                return PrivilegedAnswer(.done, detail: rest)
            }
        }
    }

    /// What was never handed over, no controller has accepted: that it did is the daemon's word alone.
    private func requireHandedOver(_ file: RegistrationFile, _ configuration: AgentConfiguration) throws(AgentError) {
        let known = try TrustDirectory(configuration.helperDirectory).load(file.controllerKey)
        guard known?.trustedAt != nil else {
            throw .refused(
                reason: "registration",
                text: "the secret of \(file.path) was never handed over, so nothing was registered with it; remove it yourself")
        }
    }

    /// Of agent.conf, whose faults do not matter here: what they are of keeps its default.
    private func configuration() throws(AgentError) -> AgentConfiguration {
        let path = configurationPath ?? AgentConfiguration.defaultPath
        let file: FileDescriptor
        do throws(FileError) {
            file = try FileDescriptor(opening: path, flags: O_RDONLY | O_NONBLOCK)
        } catch {
            if error.errno == ENOENT { return AgentConfiguration() }
            throw .file(error)
        }
        try file.requireOwner()
        return ConfigurationFile(try file.readBytes(limit: ConfigurationFile.maximumBytes), file: path).configuration
    }

    private func registration() throws(AgentError) -> (configuration: AgentConfiguration, file: RegistrationFile) {
        let configuration = try self.configuration()
        let path = RegistrationFile.path(besideConfiguration: configurationPath)
        guard let file = try RegistrationFile.load(path, over: configuration) else {
            throw .refused(reason: "registration", text: "there is no \(path)")
        }
        return (configuration, file)
    }

    /// The controllers whose keys root wrote into the configuration.
    private func keys(_ configuration: AgentConfiguration) throws(AgentError) -> [Fingerprint] {
        var keys = configuration.controllerKey.map { [$0] } ?? []
        do throws(AgentError) {
            let path = RegistrationFile.path(besideConfiguration: configurationPath)
            if let file = try RegistrationFile.load(path, over: configuration) { keys.append(file.controllerKey) }
        } catch {
            // A faulty register.conf names nobody; the daemon says what is wrong with it.
        }
        return keys
    }
}
