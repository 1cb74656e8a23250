import Files
import Glibc
import PluginProtocol
import StrictJSON
import Synchronization

/// The state file: read again whenever it changed, and replaced whole. Several processes may share one; a lock file beside it keeps their
/// writes apart.
final class StateFile: Sendable {
    private struct Version: Equatable {
        let inode: UInt64
        let size: Int64
        let seconds: Int
        let nanoseconds: Int
    }

    private struct Known {
        let version: Version
        let state: SimulatorState
    }

    private let path: String
    private let known: Mutex<Known?> = Mutex(nil)

    init(path: String) throws(PluginFault) {
        // The file behind a link is replaced, not the link.
        guard let real = realpath(path, nil) else {
            throw .invalid("state", "names \(path), which cannot be opened: \(FileError.text(of: errno))")
        }
        defer { free(real) }
        self.path = String(cString: real)
        _ = try state()
    }

    /// As it is now.
    func state() throws(PluginFault) -> SimulatorState {
        let path = path
        return try known.withLock { known in Self.read(path, &known) }.get()
    }

    /// Changes the state under the lock. What `body` did is durable when this returns; nothing is kept when it throws.
    func update<Value: Sendable>(_ body: (inout SimulatorState) throws(PluginFault) -> Value) throws(PluginFault) -> Value {
        let path = path
        return try known.withLock { known in Self.change(path, &known, body) }.get()
    }

    private static func change<Value: Sendable>(
        _ path: String, _ known: inout Known?, _ body: (inout SimulatorState) throws(PluginFault) -> Value
    ) -> Result<Value, PluginFault> {
        do throws(PluginFault) {
            let lock = try lock(path + ".lock")
            defer { withExtendedLifetime(lock) {} }
            var state = try read(path, &known).get()
            let value = try body(&state)
            do throws(FileError) {
                let mode = try FileDescriptor(opening: path, flags: O_RDONLY | O_NONBLOCK).status().st_mode & 0o777
                try replaceFile(path, with: state.bytes, mode: mode)
            } catch {
                throw PluginFault(.unavailable, "the state file was not written: \(error)")
            }
            known = nil
            return .success(value)
        } catch {
            return .failure(error)
        }
    }

    private static func lock(_ path: String) throws(PluginFault) -> FileDescriptor {
        do throws(FileError) {
            let lock = try FileDescriptor(opening: path, flags: O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
            while flock(lock.number, LOCK_EX) != 0 {
                guard errno == EINTR else { throw .system(operation: "lock", path: path, errno: errno) }
            }
            return lock
        } catch {
            throw PluginFault(.unavailable, "\(error)")
        }
    }

    private static func read(_ path: String, _ known: inout Known?) -> Result<SimulatorState, PluginFault> {
        do throws(FileError) {
            let file = try FileDescriptor(opening: path, flags: O_RDONLY | O_NONBLOCK)
            let status = try file.status()
            guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular(path: path) }
            let version = Version(
                inode: UInt64(status.st_ino), size: Int64(status.st_size), seconds: status.st_mtim.tv_sec,
                nanoseconds: status.st_mtim.tv_nsec)
            if let known, known.version == version { return .success(known.state) }
            let bytes = try file.readAll(limit: 64 << 20)
            do throws(JSONError) {
                let limits = JSONLimits(maximumBytes: 64 << 20)
                let state = try SimulatorState(json: JSONFields(JSONValue.parse(bytes, limits: limits)))
                known = Known(version: version, state: state)
                return .success(state)
            } catch {
                return .failure(PluginFault(.unavailable, "the state file \(path) is not as it should be: \(error)"))
            }
        } catch {
            return .failure(PluginFault(.unavailable, "the state file cannot be read: \(error)"))
        }
    }
}
