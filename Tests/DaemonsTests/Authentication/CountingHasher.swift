import Daemons
import Sealing
import Synchronization

/// scrypt with low parameters that counts how often it is asked, and of which hash.
final class CountingHasher: PasswordHasher {
    private let hasher: ScryptHasher
    private let verified = Mutex<[String]>([])

    init() {
        hasher = ScryptHasher(parameters: .weak)
        dummy = hasher.dummy
    }

    let dummy: String
    func hash(_ password: [UInt8]) throws -> String { try hasher.hash(password) }

    func verify(_ password: [UInt8], against hash: String) throws -> Bool {
        verified.withLock { $0.append(hash) }
        return try hasher.verify(password, against: hash)
    }

    /// The hashes that were compared with, since the last call.
    func takeVerified() -> [String] {
        verified.withLock { verified in
            defer { verified = [] }
            return verified
        }
    }
}
