import CCrypto

/// Passwords at rest: scrypt (RFC 7914), written `$scrypt$ln=15,r=8,p=1$SALT$HASH` with unpadded base64.
package enum Scrypt {
    package struct Parameters: Equatable, Sendable {
        /// The binary logarithm of N.
        package let logarithm: Int
        package let blockSize: Int
        package let parallelization: Int

        /// Nil beyond what is ever believed: N up to 2^20, r up to 32, p up to 16.
        package init?(logarithm: Int, blockSize: Int, parallelization: Int) {
            guard (1...20).contains(logarithm), (1...32).contains(blockSize), (1...16).contains(parallelization) else { return nil }
            self.init(unchecked: logarithm, blockSize, parallelization)
        }

        private init(unchecked logarithm: Int, _ blockSize: Int, _ parallelization: Int) {
            self.logarithm = logarithm
            self.blockSize = blockSize
            self.parallelization = parallelization
        }

        /// N = 2^15, r = 8, p = 1: 32 MiB, and some 60 ms of one core.
        package static let standard = Parameters(unchecked: 15, 8, 1)
        /// For tests alone.
        package static let weak = Parameters(unchecked: 4, 8, 1)
    }

    /// Salted anew each time.
    package static func hash(_ password: [UInt8], parameters: Parameters = .standard) throws(SealingError) -> String {
        try text(password, salt: Secrets.random(16), parameters)
    }

    /// A hash that no password has: verifying against it costs what a real one would.
    package static func dummy(parameters: Parameters = .standard) -> String {
        prefix(parameters) + encode([UInt8](repeating: 0, count: 16)) + "$" + encode([UInt8](repeating: 0, count: 32))
    }

    /// False for a wrong password; throws where `text` is no such hash.
    package static func verify(_ password: [UInt8], against text: String) throws(SealingError) -> Bool {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt", let parameters = parameters(parts[2]),
            let salt = decode(parts[3]), let expected = decode(parts[4]), (8...64).contains(salt.count), expected.count == 32
        else { throw .shape(offset: 0, expected: "a password hash $scrypt$ln=…,r=…,p=…$salt$hash") }
        return Secrets.equal(try derive(password, salt: salt, parameters), expected)
    }

    /// The parameters that a hash was made with; nil where `text` is no such hash.
    package static func parameters(of text: String) -> Parameters? {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        return parts.count == 5 && parts[1] == "scrypt" ? parameters(parts[2]) : nil
    }

    private static func text(_ password: [UInt8], salt: [UInt8], _ parameters: Parameters) throws(SealingError) -> String {
        prefix(parameters) + encode(salt) + "$" + encode(try derive(password, salt: salt, parameters))
    }

    private static func prefix(_ parameters: Parameters) -> String {
        "$scrypt$ln=\(parameters.logarithm),r=\(parameters.blockSize),p=\(parameters.parallelization)$"
    }

    private static func parameters(_ text: Substring) -> Parameters? {
        let words = text.split(separator: ",", omittingEmptySubsequences: false)
        guard words.count == 3, words[0].hasPrefix("ln="), words[1].hasPrefix("r="), words[2].hasPrefix("p="),
            let logarithm = Int(words[0].dropFirst(3)), let blockSize = Int(words[1].dropFirst(2)),
            let parallelization = Int(words[2].dropFirst(2))
        else { return nil }
        return Parameters(logarithm: logarithm, blockSize: blockSize, parallelization: parallelization)
    }

    static func derive(_ password: [UInt8], salt: [UInt8], _ parameters: Parameters) throws(SealingError) -> [UInt8] {
        var hash = [UInt8](repeating: 0, count: 32)
        // 128·N·r bytes, and as much again to be sure of not being stopped by the limit.
        let memory = UInt64(256) << UInt64(parameters.logarithm) * UInt64(parameters.blockSize) + (32 << 20)
        let result = quartermaster_scrypt(
            password, password.count, salt, salt.count, UInt64(1) << UInt64(parameters.logarithm), UInt64(parameters.blockSize),
            UInt64(parameters.parallelization), memory, &hash, hash.count)
        guard result == 1 else { throw .library(operation: "hash a password", detail: libraryError()) }
        return hash
    }

    private static func encode(_ bytes: [UInt8]) -> String {
        String(PEM.encode(bytes).prefix { $0 != "=" })
    }

    private static func decode(_ text: Substring) -> [UInt8]? {
        PEM.decode(String(text) + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4))
    }
}
