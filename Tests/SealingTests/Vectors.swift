import Files
import Glibc
import Identifiers
import Testing

@testable import Sealing

/// Committed files with throwaway keys. `UPDATE_VECTORS=1 swift test --filter VectorTests` makes the keys and the good messages anew; then
/// `Tests/SealingTests/Vectors/make-refused` makes the others of them.
enum Vectors {
    static let directory: String = {
        let file = #filePath
        return file[..<(file.lastIndex(of: "/") ?? file.endIndex)] + "/Vectors"
    }()

    static let now = Timestamp(seconds: 1_795_246_200)
    static var isUpdating: Bool { getenv("UPDATE_VECTORS") != nil }

    static func bytes(_ name: String) throws -> [UInt8] { try readFile("\(directory)/\(name)") }

    static func keys() throws -> ControllerKeys {
        func leaf(_ name: String) throws -> Leaf {
            let pem = try bytes(name)
            return Leaf(key: try PrivateKey(pem: pem), certificate: try Certificate(pem: pem))
        }
        let authority = try CertificateAuthority(key: PrivateKey(pem: bytes("ca.key")), certificate: Certificate(pem: bytes("ca.pem")))
        return try ControllerKeys(authority: authority, signing: leaf("signing.pem"), decryption: leaf("decryption.pem"), previous: [])
    }

    static func host() throws -> Signer {
        try Signer(key: PrivateKey(pem: bytes("host.key")), certificate: Certificate(pem: bytes("host.pem")))
    }

    static let payload = Array(#"{"format":"quartermaster-message/1","kind":"farewell","body":{}}"#.utf8)
}
