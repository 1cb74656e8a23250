import Files
import Glibc
import StrictJSON

/// The files of one registration: `state.json`, which alone says what counts, and what it names. All have mode 0600, in a directory of 0700.
package struct RegistrationDirectory: Sendable {
    package static let stateFile = "state.json"
    private static let lockFile = "lock"
    /// A message at its largest, with room for its seal.
    private static let maximumFileBytes = 64 << 20

    package let path: String
    private let directory: FileDescriptor
    /// `registrations/`, and the name in it.
    private let parent: FileDescriptor
    package let name: String

    /// Opens one that exists beneath `parent`; a link is not followed, and no mount point entered.
    init(_ name: String, in parent: FileDescriptor) throws(FileError) {
        directory = try parent.open(beneath: name, flags: O_RDONLY | O_DIRECTORY)
        path = directory.path
        self.parent = parent
        self.name = name
    }

    /// False where there is surely none. What cannot be looked at counts as one: reading it says why.
    var hasState: Bool {
        var status = stat()
        return fstatat(directory.number, Self.stateFile, &status, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT
    }

    /// Held while the state is read, acted on and written. `.busy` where another process holds it for too long.
    package func lock() throws(AgentError) -> FileLock { try Turn.wait(for: "\(path)/\(Self.lockFile)", of: path) }

    /// Nil where a crash left this directory before it had a state.
    package func load() throws(AgentError) -> RegistrationState? {
        guard let bytes = try read(ifPresent: Self.stateFile) else { return nil }
        do throws(JSONError) {
            return try RegistrationState(json: JSONFields(JSONValue.parse(bytes)))
        } catch {
            throw .stateDamaged(path: "\(path)/\(Self.stateFile)", reason: error.description)
        }
    }

    package func save(_ state: RegistrationState) throws(AgentError) {
        try write(Self.stateFile, state.jsonBytes)
    }

    /// Replaces a file, whole or not at all, durable when it returns. An error names the directory: a message's file has another name at each
    /// try, and a disk that cannot be written to is one condition.
    package func write(_ name: String, _ bytes: [UInt8]) throws(AgentError) {
        do throws(FileError) {
            try directory.replace(name, with: bytes)
        } catch .system(let operation, _, let errno) {
            throw .file(.system(operation: operation, path: path, errno: errno))
        } catch {
            throw .file(error)
        }
    }

    package func read(_ name: String) throws(AgentError) -> [UInt8] {
        guard let bytes = try read(ifPresent: name) else {
            throw .stateDamaged(path: "\(path)/\(name)", reason: "the state names this file, and it is missing")
        }
        return bytes
    }

    /// A private key's file. Refused where others can read it, or could have put another in its place.
    package func readKey(_ name: String) throws(AgentError) -> [UInt8] {
        let bytes = try read(name)
        let around: mode_t
        do throws(FileError) {
            let mode = try directory.open(beneath: name, flags: O_RDONLY).status().st_mode
            guard mode & 0o077 == 0 else { throw .tooOpen(path: "\(path)/\(name)", mode: mode) }
            around = try directory.status().st_mode
        } catch {
            throw .file(error)
        }
        guard around & 0o022 == 0 else { throw .stateReplaceable(path: path, mode: around) }
        return bytes
    }

    package func read(ifPresent name: String) throws(AgentError) -> [UInt8]? {
        do throws(FileError) {
            let file = try directory.open(beneath: name, flags: O_RDONLY)
            guard try file.status().st_mode & S_IFMT == S_IFREG else { throw FileError.notRegular(path: file.path) }
            return try file.readAll(limit: Self.maximumFileBytes)
        } catch .notRegular(let path) {
            throw .stateDamaged(path: path, reason: "it is not a regular file")
        } catch {
            if error.errno == ENOENT { return nil }
            throw .file(error)
        }
    }

    /// Removes what a crash or an answered message left behind: every file that `state` does not name.
    package func sweep(keeping state: RegistrationState) throws(AgentError) {
        let kept = state.files.union([Self.stateFile, Self.lockFile])
        do throws(FileError) {
            for name in try directory.names() where !kept.contains(name) { try directory.remove(name) }
        } catch {
            throw .file(error)
        }
    }

    // MARK: Coming and going

    /// The name of one that is being made, and of one that is being removed: no registration has it, and what a crash leaves of either can be told
    /// from a registration whose state somebody took away.
    static func nameWhileMade(_ name: String) -> String { ".\(name).new" }
    private static func nameWhileRemoved(_ name: String) -> String { ".\(name).gone" }
    static func isUnfinished(_ name: String) -> Bool { name.hasPrefix(".") && (name.hasSuffix(".new") || name.hasSuffix(".gone")) }

    /// From here on it is a registration: this same directory, under its own name.
    func place(as name: String) throws(AgentError) -> RegistrationDirectory {
        do throws(FileError) {
            try parent.rename(self.name, to: name)
            try parent.synchronize()
            return try RegistrationDirectory(name, in: parent)
        } catch {
            throw .file(error)
        }
    }

    /// Takes its name away first, so that what follows a crash is no registration; then removes the state, the keys, overwritten, and all else.
    package func removeEverything(after reached: (Step) throws(AgentError) -> Void = { _ throws(AgentError) in }) throws(AgentError) {
        var last = name
        do throws(FileError) {
            if !Self.isUnfinished(name) {
                last = Self.nameWhileRemoved(name)
                try parent.rename(name, to: last)
                try parent.synchronize()
            }
            try directory.remove(Self.stateFile)
            try directory.synchronize()
        } catch {
            throw .file(error)
        }
        try reached(.stateRemoved)
        for name in try names() where name != Self.lockFile {
            do throws(FileError) {
                if name.hasSuffix(".pem") { try overwrite(name) }
                try directory.remove(name)
            } catch {
                throw .file(error)
            }
            try reached(.fileRemoved)
        }
        do throws(FileError) {
            try directory.remove(Self.lockFile)
            try parent.remove(last, directory: true)
            try parent.synchronize()
        } catch {
            throw .file(error)
        }
    }

    private func names() throws(AgentError) -> [String] {
        do throws(FileError) { return try directory.names() } catch { throw .file(error) }
    }

    /// Removes a first registration that was refused, once somebody has been told: a name that was mistyped leaves nothing behind. No other
    /// is touched.
    package func removeRefused(after reached: (Step) throws(AgentError) -> Void) throws(AgentError) {
        let lock = try lock()
        defer { withExtendedLifetime(lock) {} }
        guard try load()?.phase == .refused else { return }
        try removeEverything(after: reached)
    }

    /// As far as a file system lets one: a journal or a copy-on-write one may keep the old blocks. What has another name, or is a link, is not this
    /// agent's alone, and is not written to.
    private func overwrite(_ name: String) throws(FileError) {
        do throws(FileError) {
            let file = try directory.open(beneath: name, flags: O_WRONLY)
            let status = try file.status()
            guard status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 else { return }
            try file.writeAll([UInt8](repeating: 0, count: Int(status.st_size)))
            try file.synchronize()
        } catch {
            guard error.errno == ELOOP || error.errno == ENOENT || error.errno == ENXIO else { throw error }
        }
    }
}

extension RegistrationState {
    /// The names of the files that belong to it.
    package var files: Set<String> {
        var names: Set<String> = [key.file]
        for state in former { names.formUnion(state.files) }
        if let nextKey { names.insert(nextKey.file) }
        for message in outbox {
            names.insert(message.file)
            if let inventory = message.inventory { names.insert(Self.inventoryFile(inventory)) }
        }
        if let inventory = told.inventory { names.insert(Self.inventoryFile(inventory)) }
        return names
    }

    package static func inventoryFile(_ digest: String) -> String { "inventory-\(digest.prefix(64)).json" }
}
