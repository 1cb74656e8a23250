import StrictJSON

/// Derives JSON schemas from the documents' own types: a type is decoded from nothing, and what it asks for is its schema. So the
/// OpenAPI document cannot say anything that the code does not.
package struct SchemaReader {
    /// The structs met, by name, for `components/schemas`.
    package private(set) var components: [String: JSONValue] = [:]

    package init() {}

    /// A reference to the schema of `type`, which stands in `components` from then on.
    package mutating func reference(to type: any Decodable.Type) throws -> JSONValue {
        let record = SchemaRecord(components: components)
        let schema = try record.schema(of: type).schema
        components = record.components
        return schema
    }
}

/// What the decoders of one reading share.
private final class SchemaRecord {
    var components: [String: JSONValue]

    init(components: [String: JSONValue]) { self.components = components }

    func schema<Value: Decodable>(of type: Value.Type) throws -> (schema: JSONValue, value: Value) {
        if let type = type as? any APIValue.Type, let value = type.placeholder as? Value { return (type.schema, value) }
        let plain: (JSONValue, Any)? =
            switch type {
            case is String.Type: (["type": "string"], "")
            case is Bool.Type: (["type": "boolean"], false)
            case is Int64.Type: (["type": "integer", "format": "int64"], Int64(0))
            case is Int.Type: (["type": "integer", "format": "int64"], 0)
            case is Double.Type: (["type": "number"], 0.0)
            case is [String: String].Type: (["type": "object", "additionalProperties": ["type": "string"]], [String: String]())
            default: nil
            }
        if let plain, let value = plain.1 as? Value { return (plain.0, value) }

        let node = SchemaNode()
        let value = try Value(from: SchemaDecoder(record: self, node: node))
        if let elements = node.elements { return (.object(["type": "array", "items": elements]), value) }
        let name = String(describing: Value.self)
        components[name] = node.object
        return (.object(["$ref": .string("#/components/schemas/\(name)")]), value)
    }
}

/// What one value turned out to be.
private final class SchemaNode {
    var properties: [(String, JSONValue)] = []
    var optional: Set<String> = []
    var elements: JSONValue?

    var object: JSONValue {
        let required = properties.map(\.0).filter { !optional.contains($0) }
        var object = JSONObject([("type", "object"), ("properties", .object(JSONObject(properties)))])
        if !required.isEmpty { object["required"] = .array(required.map { .string($0) }) }
        return .object(object)
    }
}

private struct SchemaDecoder: Decoder {
    let record: SchemaRecord
    let node: SchemaNode
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(SchemaMembers<Key>(record: record, node: node))
    }

    func unkeyedContainer() -> any UnkeyedDecodingContainer { SchemaElements(record: record, node: node) }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "a value without a schema"))
    }
}

private struct SchemaMembers<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let record: SchemaRecord
    let node: SchemaNode
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }

    /// Only `decodeIfPresent` asks.
    func contains(_ key: Key) -> Bool {
        node.optional.insert(key.stringValue)
        return true
    }

    func decodeNil(forKey key: Key) -> Bool { false }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        let (schema, value) = try record.schema(of: type)
        node.properties.append((key.stringValue, schema))
        return value
    }

    func nestedContainer<NestedKey: CodingKey>(keyedBy type: NestedKey.Type, forKey key: Key) throws -> KeyedDecodingContainer<NestedKey> {
        throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: "a nested container has no schema")
    }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: "a nested container has no schema")
    }
    func superDecoder() -> any Decoder { SchemaDecoder(record: record, node: node) }
    func superDecoder(forKey key: Key) -> any Decoder { SchemaDecoder(record: record, node: node) }
}

private struct SchemaElements: UnkeyedDecodingContainer {
    let record: SchemaRecord
    let node: SchemaNode
    var codingPath: [any CodingKey] { [] }
    var count: Int? { 1 }
    var isAtEnd: Bool { currentIndex == 1 }
    private(set) var currentIndex = 0

    init(record: SchemaRecord, node: SchemaNode) {
        self.record = record
        self.node = node
    }

    mutating func decodeNil() -> Bool { false }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let (schema, value) = try record.schema(of: type)
        node.elements = schema
        currentIndex = 1
        return value
    }

    mutating func nestedContainer<NestedKey: CodingKey>(keyedBy type: NestedKey.Type) throws -> KeyedDecodingContainer<NestedKey> {
        throw DecodingError.dataCorruptedError(in: self, debugDescription: "a nested container has no schema")
    }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw DecodingError.dataCorruptedError(in: self, debugDescription: "a nested container has no schema")
    }
    mutating func superDecoder() -> any Decoder { SchemaDecoder(record: record, node: node) }
}
