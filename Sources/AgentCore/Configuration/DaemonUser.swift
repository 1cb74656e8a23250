import Glibc

/// The user that the daemon runs as, and what it can get at, as far as modes tell: which groups it has, is not known here.
package struct DaemonUser {
    let number: uid_t

    /// Who owns the state directory, where there is one; else who runs this.
    package init(of configuration: AgentConfiguration) {
        var status = stat()
        number = stat(configuration.stateDirectory, &status) == 0 ? status.st_uid : geteuid()
    }

    /// Neither root nor who runs this: it runs as a service.
    var isAnother: Bool { number != 0 && number != geteuid() }

    /// A file that another user made, and that the daemon cannot read; nil also where this process cannot tell.
    package func readingFault(_ path: String, allowed: String) -> ConfigurationFault? {
        var status = stat()
        guard isAnother, stat(path, &status) == 0 else { return nil }
        if let directory = closedDirectory(above: path) {
            return ConfigurationFault(
                file: path, line: 0, key: nil,
                reason: "cannot be read by the daemon, which runs as user \(number): it may not enter \(directory)",
                allowed: "a directory that it may enter; run chmod go+x \(directory)")
        }
        guard status.st_uid != number, status.st_mode & 0o044 == 0 else { return nil }
        return ConfigurationFault(
            file: path, line: 0, key: nil,
            reason: "cannot be read by the daemon, which runs as user \(number): its mode is \(status.octalMode)", allowed: allowed)
    }

    /// The first directory on the way to `path`, which is absolute, that the daemon may not enter.
    func closedDirectory(above path: String) -> String? {
        guard number != 0 else { return nil }
        var directory = ""
        for part in path.split(separator: "/").dropLast() {
            directory += "/\(part)"
            var status = stat()
            guard stat(directory, &status) == 0 else { return nil }
            let needed: mode_t = status.st_uid == number ? 0o100 : 0o011
            if status.st_mode & needed == 0 { return directory }
        }
        return nil
    }
}

extension stat {
    var octalMode: String { String(st_mode & 0o7777, radix: 8) }
}
