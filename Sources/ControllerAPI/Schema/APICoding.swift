import Foundation
import StrictJSON

/// A document of the REST interface: a struct whose property names are the JSON names.
package typealias APIDocument = Codable & Sendable

/// How documents become bytes and back.
package enum APICoding {
    /// One JSON document, members sorted, so that equal documents are equal bytes.
    package static func encode(_ document: any Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try Array(encoder.encode(document))
    }

    /// Reads a document. Syntax, depth and doubled keys are judged by the strict parser first; then names and types.
    package static func decode<Document: Decodable>(_ type: Document.Type, from bytes: [UInt8], limit: Int) throws -> Document {
        _ = try JSONValue.parse(bytes, limits: JSONLimits(maximumBytes: limit))
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw Self.describe(error)
        }
    }

    private static func describe(_ error: DecodingError) -> JSONError {
        switch error {
        case .keyNotFound(let key, let context): .missing(path: path(context.codingPath + [key]))
        case .valueNotFound(_, let context): .missing(path: path(context.codingPath))
        case .typeMismatch(let type, let context): .wrongType(path: path(context.codingPath), expected: "of type \(name(of: type))")
        case .dataCorrupted(let context): .invalid(path: path(context.codingPath), reason: context.debugDescription)
        @unknown default: .invalid(path: "", reason: "the document cannot be read")
        }
    }

    private static func name(of type: any Any.Type) -> String {
        switch type {
        case is String.Type: "string"
        case is Bool.Type: "boolean"
        case is Int64.Type, is Int.Type: "integer"
        case is [String: Any].Type: "object"
        default: "\(type)".hasPrefix("Array") ? "array" : "object"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.reduce("") { path, key in
            if let index = key.intValue { return "\(path)[\(index)]" }
            return path.isEmpty ? key.stringValue : "\(path).\(key.stringValue)"
        }
    }
}
