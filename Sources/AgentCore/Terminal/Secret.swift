import Files
import Glibc
import ISCSI

/// A password or token in memory, wiped when it is no longer needed. Copies that other code makes of its bytes are not covered.
package final class Secret {
    private var storage: [UInt8] = []

    /// Takes the bytes over; none are left with the caller.
    package init(taking bytes: inout [UInt8]) {
        swap(&storage, &bytes)
        // A core of this process would hold it. Where that cannot be said, the secret is used all the same.
        var limit = rlimit()
        guard getrlimit(Int32(RLIMIT_CORE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = 0
        setrlimit(Int32(RLIMIT_CORE.rawValue), &limit)
    }

    /// From a file or, for `-`, standard input (`Files.readSecret`); refused where there is none in it.
    package convenience init(file path: String) throws(AgentError) {
        var bytes: [UInt8]
        do throws(FileError) {
            let limit = PrivilegedAnswer.maximumSecretBytes
            bytes = try readSecret(path, limit: limit + 1)
            guard bytes.count <= limit else {
                Self.wipe(&bytes)
                throw FileError.tooLarge(path: path == "-" ? "standard input" : path, limit: limit)
            }
        } catch {
            throw .file(error)
        }
        guard !bytes.isEmpty else { throw .emptySecret(path: path == "-" ? "standard input" : path) }
        self.init(taking: &bytes)
    }

    deinit { wipe() }

    package var bytes: [UInt8] { storage }

    package func wipe() { Self.wipe(&storage) }

    /// Overwrites the bytes, and empties the array.
    package static func wipe(_ bytes: inout [UInt8]) { SecretBytes.wipe(&bytes) }
}
