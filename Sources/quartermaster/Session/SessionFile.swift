import ControllerAPI
import Files
import Glibc
import Sealing

/// Where a login's token is kept: `$XDG_STATE_HOME/quartermaster/session/`, else `~/.local/state/quartermaster/session/` (XDG Base Directory
/// Specification), a file of mode 0600 for each controller's socket, named by the SHA-256 of the socket's path. One line, the token.
struct SessionFile {
    let directory: String
    let path: String

    init(socket: String) {
        // A relative path is ignored, as the specification says.
        let state = Terminal.environment("XDG_STATE_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
        directory = (state ?? Self.home + "/.local/state") + "/quartermaster/session"
        let digest = SHA256.digest(Array(socket.utf8)).prefix(16)
        path = directory + "/" + digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Nil where nobody is logged in. Throws where the file is there and cannot be used.
    func token() throws -> String? {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try readSecret(path, limit: 1_024)
        } catch {
            switch error {
            case .system(_, _, ENOENT), .system(_, _, ENOTDIR): return nil
            // A home that is not ours to read has no login of ours.
            case .system(_, _, EACCES) where access(directory, X_OK) != 0: return nil
            default: throw error
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self), !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw CommandFailure(.dataError, "\(path) holds no session; remove it, and log in again")
        }
        return text
    }

    /// The same, with its directory made.
    func prepared() throws -> SessionFile {
        do throws(FileError) {
            try makeDirectories(directory)
        } catch {
            throw CommandFailure(.cannotCreate, "a login cannot be kept: \(error); set XDG_STATE_HOME to a directory of yours")
        }
        return self
    }

    func keep(_ token: String) throws { try replaceFile(path, with: Array((token + "\n").utf8)) }

    func remove() throws {
        guard unlink(path) == 0 || errno == ENOENT else {
            throw FileError.system(operation: "remove", path: path, errno: errno)
        }
    }

    /// `HOME`, else what the user database says.
    private static var home: String {
        if let home = Terminal.environment("HOME"), home.hasPrefix("/") { return home }
        guard let entry = getpwuid(geteuid()), let home = entry.pointee.pw_dir else { return "/nonexistent" }
        return String(cString: home)
    }
}
