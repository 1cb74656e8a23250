import CCrypto
import Identifiers

/// A public key on P-256, as its DER SubjectPublicKeyInfo of 91 bytes.
package final class PublicKey: Sendable {
    package let subjectPublicKeyInfo: [UInt8]
    /// The SHA-256 of the above: who somebody is.
    package let fingerprint: Fingerprint
    private let made: Once<KeyHandle>

    /// The bytes in front of the 65 of the point.
    static let prefix: [UInt8] =
        [0x30, 0x59, 0x30, 0x13] + DER.objectIdentifier(OID.ecPublicKey) + DER.objectIdentifier(OID.prime256v1) + [0x03, 0x42, 0x00]
    static let length = 91

    /// Throws `.shape` for anything but an uncompressed point of P-256 in the one encoding. Whether the point lies on the curve is found
    /// when the key is used.
    package init(subjectPublicKeyInfo: [UInt8]) throws(SealingError) {
        guard subjectPublicKeyInfo.count == Self.length, subjectPublicKeyInfo.starts(with: Self.prefix),
            subjectPublicKeyInfo[Self.prefix.count] == 4
        else { throw .shape(offset: 0, expected: "a P-256 public key, uncompressed") }
        made = Once()
        self.subjectPublicKeyInfo = subjectPublicKeyInfo
        fingerprint = SHA256.fingerprint(of: subjectPublicKeyInfo)
    }

    init(handle: KeyHandle) throws(SealingError) {
        var point = [UInt8](repeating: 0, count: 65)
        guard quartermaster_key_point(handle.pointer, &point) == 1 else {
            throw .library(operation: "read a public key", detail: libraryError())
        }
        made = Once(handle)
        subjectPublicKeyInfo = Self.prefix + point
        fingerprint = SHA256.fingerprint(of: subjectPublicKeyInfo)
    }

    /// Throws `.badKey` for a point that is not on the curve.
    func handle() throws(SealingError) -> KeyHandle {
        try made.value { () throws(SealingError) in
            let point = Array(subjectPublicKeyInfo[Self.prefix.count...])
            guard let key = quartermaster_public_key(point, point.count) else {
                throw .badKey("the point is not on the curve (\(libraryError()))")
            }
            return KeyHandle(owning: key)
        }
    }

    /// Whether the key made this ECDSA signature (SHA-256, DER) of these bytes. Throws `.badKey` for a key that is none.
    package func verifies(_ signature: [UInt8], of bytes: [UInt8]) throws(SealingError) -> Bool {
        let handle = try handle()
        return quartermaster_verify(handle.pointer, bytes, bytes.count, signature, signature.count) == 1
    }
}

extension PublicKey: Equatable {
    package static func == (left: PublicKey, right: PublicKey) -> Bool { left.fingerprint == right.fingerprint }
}

/// A private key on P-256. Its bytes stay in libcrypto until `pem` is asked for.
package final class PrivateKey: Sendable {
    package let publicKey: PublicKey
    let handle: KeyHandle

    package static func generate() throws(SealingError) -> PrivateKey {
        guard let key = quartermaster_key_generate() else { throw .library(operation: "generate a key", detail: libraryError()) }
        return try PrivateKey(handle: KeyHandle(owning: key))
    }

    /// PKCS #8 or SEC 1, unencrypted.
    package convenience init(pem: [UInt8]) throws(SealingError) {
        guard let key = quartermaster_key_from_pem(pem, pem.count) else { throw .badKey(libraryError()) }
        try self.init(handle: KeyHandle(owning: key))
    }

    private init(handle: KeyHandle) throws(SealingError) {
        self.handle = handle
        publicKey = try PublicKey(handle: handle)
    }

    package var fingerprint: Fingerprint { publicKey.fingerprint }

    /// PKCS #8, unencrypted: for a file of mode 0600 and nothing else.
    package func pem() throws(SealingError) -> [UInt8] {
        try collected("write a key") { quartermaster_key_to_pem(handle.pointer, $0, $1) }
    }

    /// ECDSA with SHA-256, DER.
    package func sign(_ bytes: [UInt8]) throws(SealingError) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: 80)
        var length = 0
        guard quartermaster_sign(handle.pointer, bytes, bytes.count, &signature, &length) == 1 else {
            throw .library(operation: "sign", detail: libraryError())
        }
        return Array(signature[..<length])
    }
}

/// An EVP_PKEY, freed with the last reference.
///
/// Unchecked: the key is never changed after it was made, and libcrypto allows one EVP_PKEY to be used by several threads that do not
/// change it (its own caches are behind locks).
final class KeyHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    init(owning pointer: OpaquePointer) { self.pointer = pointer }
    deinit { quartermaster_key_free(pointer) }
}

/// libcrypto's newest error of this thread, as text without secrets.
func libraryError() -> String {
    var text = [CChar](repeating: 0, count: 256)
    quartermaster_error(&text, text.count)
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// The bytes that a function of the shim returns in a buffer of its own; nil where it failed.
func bytes(_ body: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>, UnsafeMutablePointer<Int>) -> Int32) -> [UInt8]? {
    var buffer: UnsafeMutablePointer<UInt8>?
    var length = 0
    guard body(&buffer, &length) == 1, let buffer else { return nil }
    defer { quartermaster_free(buffer, length) }
    return Array(UnsafeBufferPointer(start: buffer, count: length))
}

func collected(
    _ operation: String, _ body: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>, UnsafeMutablePointer<Int>) -> Int32
) throws(SealingError) -> [UInt8] {
    guard let result = bytes(body) else { throw .library(operation: operation, detail: libraryError()) }
    return result
}
