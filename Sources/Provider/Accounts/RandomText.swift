/// Random lower-case base 32, five bits a character, as secrets that people may have to copy are made of.
enum RandomText {
    static func characters(_ count: Int, using generator: inout some RandomNumberGenerator) -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        return String(decoding: (0..<count).map { _ in alphabet[Int.random(in: 0..<32, using: &generator)] }, as: UTF8.self)
    }
}
