import Sealing

/// What it costs to check a password.
package protocol PasswordHasher: Sendable {
    /// A hash to keep, salted anew.
    func hash(_ password: [UInt8]) throws -> String
    /// Whether `hash` is of that password; throws where it is no hash.
    func verify(_ password: [UInt8], against hash: String) throws -> Bool
    /// A hash that no password has, as costly to check as a new one.
    var dummy: String { get }
}

/// scrypt (RFC 7914) by libcrypto.
package struct ScryptHasher: PasswordHasher {
    private let parameters: Scrypt.Parameters

    package init(parameters: Scrypt.Parameters = .standard) { self.parameters = parameters }

    package func hash(_ password: [UInt8]) throws -> String { try Scrypt.hash(password, parameters: parameters) }
    package func verify(_ password: [UInt8], against hash: String) throws -> Bool { try Scrypt.verify(password, against: hash) }
    package var dummy: String { Scrypt.dummy(parameters: parameters) }
}
