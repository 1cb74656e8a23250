import Identifiers
import StrictJSON

/// One thing that somebody did, linked to the event before it.
package struct AuditEvent: Equatable, Sendable {
    package enum Outcome: String, Sendable, CaseIterable {
        case done
        /// Not permitted, or not believed.
        case refused
        /// Tried, and it did not work.
        case failed
    }

    /// Counts from 1, without gaps.
    package let sequence: Int64
    package let at: Timestamp
    /// The customer whom it concerns, where it is one.
    package let accountID: AccountID?
    package let actor: String
    /// `noun.verb`, as `user.create`.
    package let action: String
    /// What it was done to: an ID, or a name.
    package let subject: String
    package let outcome: Outcome
    package let detail: String
    /// The hash of the event before; 32 zero bytes for the first.
    package let previous: [UInt8]

    package init(
        sequence: Int64, at: Timestamp, accountID: AccountID?, actor: String, action: String, subject: String, outcome: Outcome,
        detail: String, previous: [UInt8]
    ) {
        self.sequence = sequence
        self.at = at
        self.accountID = accountID
        self.actor = actor
        self.action = action
        self.subject = subject
        self.outcome = outcome
        self.detail = detail
        self.previous = previous
    }

    package static let format = "quartermaster-audit/1"
    package static let noPrevious = [UInt8](repeating: 0, count: 32)
}

/// The canonical form, whose SHA-256 is the event's hash: members in this order, no white space, `at` in microseconds since 1970,
/// `previous` in lower-case hexadecimal.
///
///     {"format":"quartermaster-audit/1","sequence":1,"at":1795246200000000,"accountID":"account-…","actor":"provider:root",
///      "action":"account.create","subject":"account-…","outcome":"done","detail":"name=Example","previous":"00…"}
extension AuditEvent: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in writeMembers(to: &writer) }
    }

    /// The members alone, for a line of an archive, which adds the hash.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("format", Self.format)
        writer.member("sequence", sequence)
        writer.member("at", at.microseconds)
        writer.member("accountID", accountID?.text)
        writer.member("actor", actor)
        writer.member("action", action)
        writer.member("subject", subject)
        writer.member("outcome", outcome.rawValue)
        writer.member("detail", detail)
        writer.member("previous", Hexadecimal.text(previous))
    }
}

extension AuditEvent: JSONReadable {
    package init(json: JSONFields) throws(JSONError) {
        guard try json.string("format") == Self.format else { throw .invalid(path: json.path("format"), reason: "is not \(Self.format)") }
        try self.init(
            sequence: json.integer("sequence", in: 1...Int64.max),
            at: Timestamp(microseconds: json.integer("at", in: Int64.min...Int64.max)),
            accountID: json.optionalParsed("accountID", expected: "an ID") { AccountID($0) },
            actor: json.string("actor"), action: json.string("action"), subject: json.string("subject"),
            outcome: json.parsed("outcome", expected: "done, refused or failed") { Outcome(rawValue: $0) },
            detail: json.string("detail", maximumLength: 16_384),
            previous: json.parsed("previous", expected: "64 hexadecimal digits") { Hexadecimal.bytes($0, count: 32) })
    }
}
