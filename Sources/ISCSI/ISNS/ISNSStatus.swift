/// Status codes of iSNS responses (RFC 4171 section 5.4).
package enum ISNSStatus {
    package static let noSuchEntry: UInt32 = 9

    /// `3 (invalid registration)`
    package static func text(_ status: UInt32) -> String {
        let words = [
            "successful", "unknown error", "message format error", "invalid registration", nil, "invalid query", "source unknown",
            "source absent", "source unauthorized", "no such entry", "version not supported", "internal error", "busy",
            "option not understood",
            "invalid update", "message not supported", "event notification rejected", "event notification not available",
            "registration not available",
            "entity status inquiry not available", nil, nil, "registration feature not supported",
        ]
        guard status < words.count, let word = words[Int(status)] else { return "\(status)" }
        return "\(status) (\(word))"
    }
}
