import Identifiers
import StrictJSON

/// A value of the REST interface that is one JSON string, number or open object, and knows its own JSON schema.
package protocol APIValue: Codable, Sendable {
    /// JSON Schema 2020-12, as OpenAPI 3.1 uses it.
    static var schema: JSONValue { get }
    /// Any valid value: what the schema reader puts in its place.
    static var placeholder: Self { get }
}

/// One of a list of words.
package protocol APIEnumeration: APIValue, CaseIterable, RawRepresentable where RawValue == String {}

extension APIEnumeration {
    package static var schema: JSONValue {
        .object(["type": "string", "enum": .array(allCases.map { .string($0.rawValue) })])
    }
    // An enumeration without a case has no value to send either.
    package static var placeholder: Self { allCases[allCases.startIndex] }
}

/// A value that is read from and printed as a string.
package protocol APIText: APIValue, CustomStringConvertible {
    init?(_ text: String)
    static var placeholderText: String { get }
    /// What it is, for the reader of the OpenAPI document and of error messages.
    static var meaning: String { get }
}

extension APIText {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "is not \(Self.meaning)")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    package static var schema: JSONValue {
        .object(["type": "string", "description": .string(meaning), "examples": .array([.string(placeholderText)])])
    }

    package static var placeholder: Self {
        // The placeholder is written in this module beside its type, and a test reads each.
        // swift-format-ignore
        Self(placeholderText)!
    }
}
