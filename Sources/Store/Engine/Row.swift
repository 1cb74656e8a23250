import Identifiers

/// One row of a result. Columns are read by name, with their type checked: a value of another type than the schema promises is an error
/// that names the column, never a default.
package struct Row: Sendable {
    /// Shared by all rows of one result.
    let names: [String]
    let values: [SQLValue]

    package init(names: [String], values: [SQLValue]) {
        self.names = names
        self.values = values
    }

    /// The value as it is stored.
    package func value(_ name: String) throws(StoreError) -> SQLValue {
        for index in names.indices where names[index] == name { return values[index] }
        throw .column(name: name, expected: "a column of the result", found: "none of that name")
    }

    package func optionalInteger(_ name: String) throws(StoreError) -> Int64? {
        switch try value(name) {
        case .null: return nil
        case .integer(let integer): return integer
        case let other: throw .column(name: name, expected: "an integer", found: other.kind)
        }
    }

    package func optionalText(_ name: String) throws(StoreError) -> String? {
        switch try value(name) {
        case .null: return nil
        case .text(let text): return text
        case let other: throw .column(name: name, expected: "text", found: other.kind)
        }
    }

    package func optionalBlob(_ name: String) throws(StoreError) -> [UInt8]? {
        switch try value(name) {
        case .null: return nil
        case .blob(let bytes): return bytes
        case let other: throw .column(name: name, expected: "a blob", found: other.kind)
        }
    }

    /// 0 or 1.
    package func optionalBool(_ name: String) throws(StoreError) -> Bool? {
        switch try optionalInteger(name) {
        case nil: return nil
        case 0: return false
        case 1: return true
        case let other?: throw .column(name: name, expected: "0 or 1", found: String(other))
        }
    }

    /// Microseconds since 1970.
    package func optionalTimestamp(_ name: String) throws(StoreError) -> Timestamp? {
        try optionalInteger(name).map { Timestamp(microseconds: $0) }
    }

    package func optionalIdentifier<Kind>(_ name: String, _ type: Identifier<Kind>.Type = Identifier<Kind>.self) throws(StoreError)
        -> Identifier<Kind>?
    {
        try optionalParsed(name, expected: "an ID") { Identifier<Kind>($0) }
    }

    package func optionalFingerprint(_ name: String) throws(StoreError) -> Fingerprint? {
        guard let bytes = try optionalBlob(name) else { return nil }
        guard let fingerprint = Fingerprint(bytes: bytes) else {
            throw .column(name: name, expected: "32 bytes", found: "\(bytes.count) bytes")
        }
        return fingerprint
    }

    /// Text that `parse` turns into a value.
    package func optionalParsed<Value>(_ name: String, expected: String, _ parse: (String) -> Value?) throws(StoreError) -> Value? {
        guard let text = try optionalText(name) else { return nil }
        guard let value = parse(text) else { throw .column(name: name, expected: expected, found: "other text") }
        return value
    }

    package func integer(_ name: String) throws(StoreError) -> Int64 { try required(name, optionalInteger(name), "an integer") }
    package func text(_ name: String) throws(StoreError) -> String { try required(name, optionalText(name), "text") }
    package func blob(_ name: String) throws(StoreError) -> [UInt8] { try required(name, optionalBlob(name), "a blob") }
    package func bool(_ name: String) throws(StoreError) -> Bool { try required(name, optionalBool(name), "0 or 1") }
    package func timestamp(_ name: String) throws(StoreError) -> Timestamp { try required(name, optionalTimestamp(name), "a time") }
    package func byteCount(_ name: String) throws(StoreError) -> ByteCount { ByteCount(try integer(name)) }
    package func optionalByteCount(_ name: String) throws(StoreError) -> ByteCount? { try optionalInteger(name).map { ByteCount($0) } }
    package func duration(_ name: String) throws(StoreError) -> Duration { .microseconds(try integer(name)) }

    package func identifier<Kind>(_ name: String, _ type: Identifier<Kind>.Type = Identifier<Kind>.self) throws(StoreError)
        -> Identifier<Kind>
    {
        try required(name, optionalIdentifier(name, type), "an ID")
    }

    package func fingerprint(_ name: String) throws(StoreError) -> Fingerprint {
        try required(name, optionalFingerprint(name), "a fingerprint")
    }

    package func parsed<Value>(_ name: String, expected: String, _ parse: (String) -> Value?) throws(StoreError) -> Value {
        try required(name, optionalParsed(name, expected: expected, parse), expected)
    }

    /// Text that is the raw value of an enumeration.
    package func raw<Value: RawRepresentable<String>>(_ name: String, _ type: Value.Type = Value.self) throws(StoreError) -> Value {
        try parsed(name, expected: "a \(type)") { Value(rawValue: $0) }
    }

    private func required<Value>(_ name: String, _ value: Value?, _ expected: String) throws(StoreError) -> Value {
        guard let value else { throw .column(name: name, expected: expected, found: "null") }
        return value
    }
}
