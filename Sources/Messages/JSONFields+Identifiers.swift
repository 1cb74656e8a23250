import Identifiers
import StrictJSON

extension JSONFields {
    package func identifier<Kind>(_ name: String) throws(JSONError) -> Identifier<Kind> {
        try parsed(name, expected: "an ID", maximumLength: 128) { Identifier<Kind>($0) }
    }

    package func optionalIdentifier<Kind>(_ name: String) throws(JSONError) -> Identifier<Kind>? {
        try optionalParsed(name, expected: "an ID", maximumLength: 128) { Identifier<Kind>($0) }
    }

    package func timestamp(_ name: String) throws(JSONError) -> Timestamp {
        try parsed(name, expected: "a time (RFC 3339)", maximumLength: 40) { Timestamp($0) }
    }

    package func optionalTimestamp(_ name: String) throws(JSONError) -> Timestamp? {
        try optionalParsed(name, expected: "a time (RFC 3339)", maximumLength: 40) { Timestamp($0) }
    }

    /// Base64 of at most `maximumBytes`.
    package func bytes(_ name: String, maximumBytes: Int) throws(JSONError) -> [UInt8] {
        try parsed(name, expected: "base64", maximumLength: (maximumBytes + 2) / 3 * 4) { Base64.decode($0) }
    }
}
