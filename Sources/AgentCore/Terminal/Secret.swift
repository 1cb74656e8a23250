import CLinux
import Files
import Glibc
import ISCSI

/// A password or token in memory, wiped when it is no longer needed. Copies that other code makes of its bytes are not covered.
package final class Secret {
    private var storage: [UInt8] = []

    /// Takes the bytes over; none are left with the caller.
    package init(taking bytes: inout [UInt8]) {
        swap(&storage, &bytes)
        Self.leaveNoCore()
    }

    /// From here on this process leaves no core, neither as a file nor to a program that the kernel pipes it to (core(5), prctl(2)); before a secret is read.
    /// Where the kernel does not do it, the secret is used all the same.
    package static func leaveNoCore() {
        var limit = rlimit()
        if getrlimit(Int32(RLIMIT_CORE.rawValue), &limit) == 0 {
            limit.rlim_cur = 0
            setrlimit(Int32(RLIMIT_CORE.rawValue), &limit)
        }
        quartermaster_leave_no_core()
    }

    /// From a file or, for `-`, standard input (`Files.readSecret`); refused where there is none in it.
    package convenience init(file path: String) throws(AgentError) {
        Self.leaveNoCore()
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
