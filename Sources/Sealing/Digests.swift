import CCrypto
import Identifiers

/// SHA-256 (FIPS 180-4).
package enum SHA256 {
    package static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        // Fails only where libcrypto has no SHA-256 or no memory: nothing could be verified then.
        precondition(quartermaster_sha256(bytes, bytes.count, &digest) == 1, "libcrypto has no SHA-256")
        return digest
    }

    static func fingerprint(of subjectPublicKeyInfo: [UInt8]) -> Fingerprint {
        guard let fingerprint = Fingerprint(bytes: digest(subjectPublicKeyInfo)) else {
            preconditionFailure("a SHA-256 has 32 bytes")
        }
        return fingerprint
    }
}

/// HMAC with SHA-256 (RFC 2104).
package enum HMAC {
    package static func sha256(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        // As above: without HMAC nothing can be authenticated.
        precondition(quartermaster_hmac_sha256(key, key.count, bytes, bytes.count, &digest) == 1, "libcrypto has no HMAC")
        return digest
    }
}

/// Bytes from libcrypto's generator, and comparisons that take as long whatever they find.
package enum Secrets {
    package static func random(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        // Fails only where the kernel gives no randomness: no key could be made then.
        precondition(quartermaster_random(&bytes, count) == 1, "libcrypto has no random bytes")
        return bytes
    }

    package static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && quartermaster_equal(left, right, left.count) == 1
    }
}
