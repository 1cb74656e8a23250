import Sealing

enum Hashes {
    /// SHA-256 in lower-case hexadecimal.
    static func sha256(_ text: String) -> String {
        SHA256.digest(Array(text.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
