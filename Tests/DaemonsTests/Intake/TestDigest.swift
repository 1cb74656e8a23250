import Sealing

/// The SHA-256 of a token's text, as the database keeps it.
func testDigest(_ token: [UInt8]) -> [UInt8] { SHA256.digest(token) }
