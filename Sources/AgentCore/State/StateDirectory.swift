import Files
import Glibc
import Identifiers

/// The agent's state on this host: `registrations/NAME/` for each pad and account that it is registered with.
package struct StateDirectory: Sendable {
    package let path: String
    private var registrationsPath: String { "\(path)/registrations" }

    package init(_ path: String) { self.path = path }

    /// A path of a pad as it is kept: absolute, without slashes at its end. Links are kept: what they lead to may change with a mount.
    package static func padPath(_ path: String) -> String {
        var absolute = path
        if !path.hasPrefix("/"), let directory = getcwd(nil, 0) {
            absolute = String(cString: directory) + "/" + path
            free(directory)
        }
        while absolute.count > 1, absolute.hasSuffix("/") { absolute.removeLast() }
        return absolute
    }

    /// The registrations in order of their names; empty where nothing was ever registered.
    package func registrations() throws(AgentError) -> [RegistrationDirectory] {
        let names: [String]
        do throws(FileError) {
            names = try FileDescriptor(directory: registrationsPath).names(limit: 1024).sorted()
        } catch {
            if error.errno == ENOENT { return [] }
            throw .file(error)
        }
        var result: [RegistrationDirectory] = []
        for name in names where !name.hasPrefix(".") {
            let directory = try RegistrationDirectory("\(registrationsPath)/\(name)")
            if access("\(directory.path)/\(RegistrationDirectory.stateFile)", F_OK) == 0 { result.append(directory) }
        }
        return result
    }

    /// The one for this pad and account, where there is one.
    package func registration(pad: String, account: AccountID) throws(AgentError) -> RegistrationDirectory? {
        for directory in try registrations() {
            if let state = try directory.load(), state.pad.directory == pad, state.customer.accountID == account { return directory }
        }
        return nil
    }

    /// Makes an empty one. Held under the directory's lock, so that two commands do not make two; what earlier ones left without a
    /// state, after a crash, is removed.
    package func create() throws(AgentError) -> RegistrationDirectory {
        do throws(FileError) {
            try makeDirectories(registrationsPath)
            guard chmod(path, 0o700) == 0 else { throw FileError.system(operation: "chmod", path: path, errno: errno) }
        } catch {
            throw .file(error)
        }
        try removeDirectoriesWithoutState()
        let name = String(UInt32.random(in: 0x1000_0000 ... .max), radix: 16)
        let directory = "\(registrationsPath)/\(name)"
        guard mkdir(directory, 0o700) == 0 else {
            throw .file(.system(operation: "make directory", path: directory, errno: errno))
        }
        do throws(FileError) { try FileDescriptor(directory: registrationsPath).synchronize() } catch { throw .file(error) }
        return try RegistrationDirectory(directory)
    }

    /// Why nothing can be written here, with the path: its file system is read-only, or full. Nil where neither is so, and where there is no directory.
    package var writingTrouble: String? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        if status.f_flag & UInt(ST_RDONLY) != 0 { return "\(path): \(FileError.text(of: EROFS))" }
        return status.f_blocks > 0 && status.f_bavail == 0 ? "\(path): \(FileError.text(of: ENOSPC))" : nil
    }

    /// Held by the daemon as long as it runs: a second one would send everything twice. Throws `.alreadyRunning` at once.
    package func lockForDaemon() throws(AgentError) -> FileLock {
        do throws(FileError) {
            try makeDirectories(path)
            return try FileLock("\(path)/daemon.lock")
        } catch .locked {
            throw .alreadyRunning(stateDirectory: path)
        } catch {
            throw .file(error)
        }
    }

    /// Held by `register` from the look for an existing registration until the new one has a state.
    package func lock() throws(AgentError) -> FileLock {
        do throws(FileError) {
            try makeDirectories(path)
        } catch {
            throw .file(error)
        }
        return try Turn.wait(for: "\(path)/lock", of: path)
    }

    /// What a crash between the state's removal and the keys' left; nothing where there is no state directory.
    package func removeLeftOvers() throws(AgentError) {
        guard access(registrationsPath, F_OK) == 0 else { return }
        let lock = try lock()
        defer { withExtendedLifetime(lock) {} }
        try removeDirectoriesWithoutState()
    }

    private func removeDirectoriesWithoutState() throws(AgentError) {
        let names: [String]
        do throws(FileError) { names = try FileDescriptor(directory: registrationsPath).names(limit: 1024) } catch { throw .file(error) }
        for name in names {
            let directory = try RegistrationDirectory("\(registrationsPath)/\(name)")
            if access("\(directory.path)/\(RegistrationDirectory.stateFile)", F_OK) != 0 { try directory.removeEverything() }
        }
    }
}
