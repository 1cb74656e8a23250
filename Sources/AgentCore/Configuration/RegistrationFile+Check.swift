import Files
import Glibc

extension RegistrationFile {
    /// What `check-config` says of a `register.conf`: faults of the file itself, and whatever would keep the daemon from registering with it, as far as
    /// this process can see. Empty where there is none.
    package static func faults(_ path: String, over configuration: AgentConfiguration) -> [ConfigurationFault] {
        var faults: [ConfigurationFault] = []
        do throws(AgentError) {
            guard let file = try load(path, over: configuration) else { return [] }
            faults = file.secretFaults(configuration)
        } catch .configuration(let found) {
            faults = found
        } catch {
            return [
                ConfigurationFault(
                    file: path, line: 0, key: nil, reason: "\(error)", allowed: "a file that root alone can write, and the daemon can read")
            ]
        }
        let allowed = "mode 644: it holds no secret, it names a file with one; run chmod 644 \(path)"
        if let fault = DaemonUser(of: configuration).readingFault(path, allowed: allowed) { faults.append(fault) }
        return faults
    }

    /// What the units, as they are shipped, would keep the service from, where it runs as another user than this process. It is no fault: a drop-in
    /// may have it otherwise. Empty where there is none, and where the file has faults.
    package static func warnings(_ path: String, over configuration: AgentConfiguration) -> [ConfigurationFault] {
        let user = DaemonUser(of: configuration)
        guard user.isAnother else { return [] }
        do throws(AgentError) {
            guard let file = try load(path, over: configuration), file.hasSecret || !file.isRegistered(configuration) else { return [] }
            let secret = file.secret
            var status = stat()
            let owner = lstat(secret.path, &status) == 0 ? status.st_uid : nil
            guard let trouble = ShippedUnits.trouble(secret: secret.path, owner: owner, daemon: user.number) else { return [] }
            return [
                ConfigurationFault(
                    file: path, line: 0, key: secret.key, reason: "\(secret.path) \(trouble)",
                    allowed: "a path below \(ShippedUnits.secrets), unless a drop-in of yours shows it to the units (man systemd.exec)")
            ]
        } catch {
            return []
        }
    }

    private func secretFaults(_ configuration: AgentConfiguration) -> [ConfigurationFault] {
        func fault(_ reason: String, _ allowed: String) -> [ConfigurationFault] {
            [ConfigurationFault(file: path, line: 0, key: secret.key, reason: "\(secret.path) \(reason)", allowed: allowed)]
        }
        var status = stat()
        guard lstat(secret.path, &status) == 0 else {
            // Who may not look cannot tell; and of a host that is registered the secret is gone, as it should be.
            guard errno == ENOENT || errno == ENOTDIR, !isRegistered(configuration) else { return [] }
            return fault("is not there", "a file of mode 0600 that belongs to root, with the secret in it")
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFLNK: return fault("is a symbolic link, which is not followed", "the path that it leads to")
        default: return fault("is not a regular file", "a regular file of mode 0600 that belongs to root")
        }
        if status.st_mode & 0o077 != 0 {
            return fault("has mode \(status.octalMode), which lets others at it", "mode 0600; run chmod 600 \(secret.path)")
        }
        let user = DaemonUser(of: configuration)
        if status.st_uid != 0, status.st_uid != user.number {
            return fault("belongs to user \(status.st_uid)", "root, or the daemon's user; run chown root \(secret.path)")
        }
        if status.st_uid != 0, let directory = user.closedDirectory(above: secret.path) {
            return fault("stands in \(directory), which the daemon, user \(user.number), may not enter", "a path that it can get at")
        }
        // What is not the daemon's own is read by the root helper.
        do throws(AgentError) {
            var bytes = try PrivilegedSecret(secret.path, for: status.st_uid).read()
            Secret.wipe(&bytes)
        } catch .notTrusted(let place, let reason) {
            return fault(
                place == secret.path ? "is not believed: \(reason)" : "stands in \(place), and \(reason)",
                "an absolute path without . and .., through directories that root alone can change")
        } catch .emptySecret {
            return fault("is empty", "the secret, and nothing else")
        } catch .file(.tooLarge) {
            return fault("is larger than \(PrivilegedAnswer.maximumSecretBytes) bytes", "the secret, and nothing else")
        } catch .file(.system(_, _, let errno)) where [EACCES, EPERM].contains(errno) && geteuid() != 0 {
            // Where this process may not look, it cannot tell.
        } catch {
            return fault("cannot be read: \(error)", "a regular file of mode 0600 that belongs to root")
        }
        return []
    }

    /// Also where the state cannot be seen from here.
    private func isRegistered(_ configuration: AgentConfiguration) -> Bool {
        do throws(AgentError) {
            let directory = try StateDirectory(configuration.stateDirectory).registration(pad: pad, account: customer.accountID)
            return try directory?.load()?.membership != nil
        } catch {
            return true
        }
    }
}

extension RegistrationFile.SecretFile {
    /// Where the configuration names it.
    fileprivate var key: String {
        switch self {
        case .password: "registration.password-file"
        case .token: "registration.token-file"
        }
    }
}
