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

    /// Throws where a document has a member that `type` does not have. What is no document at all is left to `decode`.
    package static func refuseUnknown(in bytes: [UInt8], _ type: any Decodable.Type, limit: Int) throws {
        let value = try JSONValue.parse(bytes, limits: JSONLimits(maximumBytes: limit))
        var reader = SchemaReader()
        let schema = try reader.reference(to: type)
        try refuseUnknown(in: value, schema, reader.components, path: "")
    }

    private static func refuseUnknown(
        in value: JSONValue, _ schema: JSONValue, _ components: [String: JSONValue], path: String
    ) throws(JSONError) {
        var schema = schema
        if let name = schema["$ref"]?.stringValue?.split(separator: "/").last, let found = components[String(name)] { schema = found }
        switch value {
        case .object(let object):
            guard let known = schema["properties"]?.objectValue else { return }
            for (key, member) in object.members {
                let place = path.isEmpty ? key : "\(path).\(key)"
                guard let wanted = known[key] else {
                    throw .invalid(path: place, reason: "is not known here; there are \(known.keys.sorted().joined(separator: ", "))")
                }
                try refuseUnknown(in: member, wanted, components, path: place)
            }
        case .array(let elements):
            guard let items = schema["items"] else { return }
            for (index, element) in elements.enumerated() {
                try refuseUnknown(in: element, items, components, path: "\(path)[\(index)]")
            }
        default: return
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
