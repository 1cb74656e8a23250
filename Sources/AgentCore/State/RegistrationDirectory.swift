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

    /// Opens one that exists.
    package init(_ path: String) throws(AgentError) {
        self.path = path
        do throws(FileError) { directory = try FileDescriptor(directory: path) } catch { throw .file(error) }
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
            return try directory.open(beneath: name, flags: O_RDONLY).readAll(limit: Self.maximumFileBytes)
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

    /// Removes the state first, so that what follows a crash is a directory without one; then keys, overwritten, and all else.
    package func removeEverything(after reached: (Step) throws(AgentError) -> Void = { _ throws(AgentError) in }) throws(AgentError) {
        do throws(FileError) {
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
            let slash = path.lastIndex(of: "/") ?? path.startIndex
            let parent = try FileDescriptor(directory: String(path[..<slash]))
            try parent.remove(String(path[path.index(after: slash)...]), directory: true)
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

    /// As far as a file system lets one: a journal or a copy-on-write one may keep the old blocks.
    private func overwrite(_ name: String) throws(FileError) {
        let file = try directory.open(beneath: name, flags: O_WRONLY)
        try file.writeAll([UInt8](repeating: 0, count: Int(try file.status().st_size)))
        try file.synchronize()
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
