import HostFacts
import Messages
import StrictJSON

/// What the helper says to a request.
///
///     {"outcome":"done|refused|failed","detail":…,"facts":{…},"secret":BASE64}
package struct PrivilegedAnswer: Equatable, Sendable {
    package enum Outcome: String, Sendable, CaseIterable {
        case done
        /// The request was understood, and may not be.
        case refused
        /// It was tried, and the system refused.
        case failed
    }

    package var outcome: Outcome
    package var detail: String?
    /// For `facts`.
    package var facts: PrivilegedFacts?
    /// For `registration-secret`.
    package var secret: [UInt8]?

    package init(_ outcome: Outcome, detail: String? = nil) {
        self.outcome = outcome
        self.detail = detail
    }

    /// As a registration takes it (docs/scratch-pad.md).
    static let maximumSecretBytes = 1024
}

extension PrivilegedAnswer: JSONReadable, JSONWritable {
    package init(json: JSONFields) throws(JSONError) {
        outcome = try json.parsed("outcome", expected: "done, refused or failed") { Outcome(rawValue: $0) }
        detail = try json.optionalString("detail", maximumLength: 4096)
        if let fields = try json.optionalFields("facts") { facts = try PrivilegedFacts(json: fields) }
        secret = try json.has("secret") ? json.bytes("secret", maximumBytes: Self.maximumSecretBytes) : nil
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("outcome", outcome.rawValue)
            $0.member("detail", detail)
            $0.member("facts", facts)
            $0.member("secret", secret.map { Base64.encode($0) })
        }
    }
}
