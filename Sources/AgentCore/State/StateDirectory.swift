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

    /// What is under `registrations/`: what can be used, and what cannot, each in order of names.
    package struct Contents: Sendable {
        package fileprivate(set) var registrations: [RegistrationDirectory] = []
        package fileprivate(set) var unusable: [UnusableRegistration] = []
    }

    /// Nothing where nothing was ever registered. One name that is no registration hides no other.
    package func contents() throws(AgentError) -> Contents {
        var contents = Contents()
        guard let parent = try openRegistrations() else { return contents }
        for name in try Self.names(in: parent) where !name.hasPrefix(".") {
            do throws(FileError) {
                let directory = try RegistrationDirectory(name, in: parent)
                if directory.hasState {
                    contents.registrations.append(directory)
                } else {
                    contents.unusable.append(UnusableRegistration(withoutState: directory.path))
                }
            } catch {
                // Removed since it was listed; a name that is no text stands here with its replacement characters, and is not found.
                if error.errno == ENOENT, !name.contains("\u{FFFD}") { continue }
                contents.unusable.append(
                    UnusableRegistration(path: "\(registrationsPath)/\(name)", errno: error.errno, error: "\(error)"))
            }
        }
        return contents
    }

    /// The registrations in order of their names; empty where nothing was ever registered.
    package func registrations() throws(AgentError) -> [RegistrationDirectory] { try contents().registrations }

    /// The one for this pad and account, where there is one. One that is damaged is for no pad: it keeps nobody from another, and `status` tells it.
    package func registration(pad: String, account: AccountID) throws(AgentError) -> RegistrationDirectory? {
        for directory in try registrations() {
            do throws(AgentError) {
                if let state = try directory.load(), state.pad.directory == pad, state.customer.accountID == account { return directory }
            } catch .stateDamaged {}
        }
        return nil
    }

    /// Makes an empty one, which is no registration before it has a state and `place` was called. Held under the directory's lock, so that two
    /// commands do not make two; what earlier ones left after a crash is removed.
    package func create() throws(AgentError) -> RegistrationDirectory {
        do throws(FileError) {
            try makeDirectories(registrationsPath)
            guard chmod(path, 0o700) == 0 else { throw FileError.system(operation: "chmod", path: path, errno: errno) }
        } catch {
            throw .file(error)
        }
        try removeUnfinished()
        let name = RegistrationDirectory.nameWhileMade(Self.newName())
        let directory = "\(registrationsPath)/\(name)"
        guard mkdir(directory, 0o700) == 0 else {
            throw .file(.system(operation: "make directory", path: directory, errno: errno))
        }
        do throws(FileError) {
            let parent = try FileDescriptor(directory: registrationsPath)
            try parent.synchronize()
            return try RegistrationDirectory(name, in: parent)
        } catch {
            throw .file(error)
        }
    }

    /// Why nothing can be written here, with the path: its file system is read-only, or full. Nil where neither is so, and where there is no directory.
    package var writingTrouble: String? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        if status.f_flag & UInt(ST_RDONLY) != 0 { return "\(path): \(FileError.text(of: EROFS))" }
        return status.f_blocks > 0 && status.f_bavail == 0 ? "\(path): \(FileError.text(of: ENOSPC))" : nil
    }

    /// Nil where nobody else can put another `registrations/` in place of the one that is here.
    package var openness: AgentError? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & 0o022 != 0 else { return nil }
        return .stateReplaceable(path: path, mode: status.st_mode)
    }

    /// Gives one that `create` made, and that has a state now, its place among the others.
    package func place(_ directory: RegistrationDirectory) throws(AgentError) -> RegistrationDirectory {
        try directory.place(as: Self.newName())
    }

    /// Eight hexadecimal digits.
    private static func newName() -> String { String(UInt32.random(in: 0x1000_0000 ... .max), radix: 16) }

    /// Held by the daemon as long as it runs: a second one would send everything twice. Throws `.alreadyRunning` where another holds it; `status`
    /// looks at the lock for a moment, which is waited for.
    package func lockForDaemon() throws(AgentError) -> FileLock {
        do throws(FileError) { try makeDirectories(path) } catch { throw .file(error) }
        do throws(AgentError) {
            return try Turn.wait(for: daemonLock, of: path, patience: .milliseconds(200))
        } catch .busy {
            throw .alreadyRunning(stateDirectory: path)
        }
    }

    private var daemonLock: String { "\(path)/daemon.lock" }

    /// Whether a daemon works on this state directory, whatever it left behind.
    package func isDaemonRunning() throws(AgentError) -> Bool {
        do throws(FileError) { return try FileLock.isHeld(daemonLock) } catch { throw .file(error) }
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

    /// Removes what a crash left of a registration that was being made or removed; nothing where there is no state directory. Returns what could
    /// not be removed. Nothing else is touched: what has no state for another reason is somebody's, and is told by `contents`.
    @discardableResult
    package func removeLeftOvers() throws(AgentError) -> [UnusableRegistration] {
        guard access(registrationsPath, F_OK) == 0 else { return [] }
        let lock = try lock()
        defer { withExtendedLifetime(lock) {} }
        return try removeUnfinished()
    }

    @discardableResult
    private func removeUnfinished() throws(AgentError) -> [UnusableRegistration] {
        guard let parent = try openRegistrations() else { return [] }
        var unusable: [UnusableRegistration] = []
        for name in try Self.names(in: parent) where RegistrationDirectory.isUnfinished(name) {
            do throws(AgentError) {
                try Self.open(name, in: parent).removeEverything()
            } catch {
                unusable.append(
                    UnusableRegistration(
                        path: "\(registrationsPath)/\(name)", reason: "is left from a crash, and cannot be removed: \(error)",
                        remedy: "remove it; nothing in it counts any more"))
            }
        }
        return unusable
    }

    private func openRegistrations() throws(AgentError) -> FileDescriptor? {
        do throws(FileError) {
            return try FileDescriptor(directory: registrationsPath)
        } catch {
            if error.errno == ENOENT { return nil }
            throw error.errno == EACCES ? .stateClosed(path: registrationsPath) : .file(error)
        }
    }

    private static func open(_ name: String, in parent: FileDescriptor) throws(AgentError) -> RegistrationDirectory {
        do throws(FileError) { return try RegistrationDirectory(name, in: parent) } catch { throw .file(error) }
    }

    private static func names(in directory: FileDescriptor) throws(AgentError) -> [String] {
        do throws(FileError) { return try directory.names(limit: 1024).sorted() } catch { throw .file(error) }
    }
}
