import Identifiers
import StrictJSON

/// A host says that it read a reply, or what became of an instruction; once for each. `kind` acknowledgement.
package struct Acknowledgement: Equatable, Sendable {
    /// The reply or instruction.
    package var of: MessageID
    package var outcome: Outcome
    package var detail: String?

    package init(of: MessageID, outcome: Outcome, detail: String? = nil) {
        self.of = of
        self.outcome = outcome
        self.detail = detail
    }

    package enum Outcome: String, Equatable, Sendable, CaseIterable {
        /// A reply was read and verified.
        case received
        /// An instruction was carried out.
        case done
        /// It was tried and did not work; `detail` says why.
        case failed
        /// The host's own rules forbid it.
        case refused
        /// This agent does not know such an instruction.
        case unsupported
        /// It came after its end.
        case expired
    }
}

extension Acknowledgement: JSONReadable, JSONWritable {
    package init(json: JSONFields) throws(JSONError) {
        of = try json.identifier("of")
        outcome = try json.parsed("outcome", expected: "an outcome of an acknowledgement") { Outcome(rawValue: $0) }
        detail = try json.optionalString("detail", maximumLength: 4096)
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("of", of.text)
            writer.member("outcome", outcome.rawValue)
            writer.member("detail", detail)
        }
    }
}
