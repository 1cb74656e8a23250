/// The members of an object that came from outside, read with their type and bounds checked. Unknown members are ignored.
package struct JSONFields: Sendable {
    package let object: JSONObject
    /// Where this object stands in the whole, for messages; empty at the top.
    package let path: String

    package init(_ value: JSONValue, path: String = "") throws(JSONError) {
        guard case .object(let object) = value else {
            throw .wrongType(path: path.isEmpty ? "the JSON text" : path, expected: "an object")
        }
        self.object = object
        self.path = path
    }

    package func has(_ name: String) -> Bool { present(name) != nil }

    /// The member as it is; a null counts as absent.
    package func value(_ name: String) throws(JSONError) -> JSONValue { try require(name, present(name)) }

    /// A string of at most `maximumLength` UTF-8 bytes.
    package func string(_ name: String, maximumLength: Int = 1024) throws(JSONError) -> String {
        try require(name, optionalString(name, maximumLength: maximumLength))
    }

    package func optionalString(_ name: String, maximumLength: Int = 1024) throws(JSONError) -> String? {
        guard let value = present(name) else { return nil }
        guard case .string(let text) = value else { throw .wrongType(path: path(name), expected: "a string") }
        guard text.utf8.count <= maximumLength else {
            throw .invalid(path: path(name), reason: "is longer than \(maximumLength) bytes")
        }
        return text
    }

    package func integer(_ name: String, in range: ClosedRange<Int64> = 0...Int64.max) throws(JSONError) -> Int64 {
        try require(name, optionalInteger(name, in: range))
    }

    package func optionalInteger(
        _ name: String, in range: ClosedRange<Int64> = 0...Int64.max
    ) throws(JSONError) -> Int64? {
        guard let value = present(name) else { return nil }
        guard case .integer(let integer) = value else { throw .wrongType(path: path(name), expected: "an integer") }
        guard range.contains(integer) else {
            throw .invalid(path: path(name), reason: "is not within \(range.lowerBound) to \(range.upperBound)")
        }
        return integer
    }

    package func bool(_ name: String) throws(JSONError) -> Bool { try require(name, optionalBool(name)) }

    package func optionalBool(_ name: String) throws(JSONError) -> Bool? {
        guard let value = present(name) else { return nil }
        guard case .bool(let bool) = value else { throw .wrongType(path: path(name), expected: "true or false") }
        return bool
    }

    package func fields(_ name: String) throws(JSONError) -> JSONFields { try require(name, optionalFields(name)) }

    package func optionalFields(_ name: String) throws(JSONError) -> JSONFields? {
        guard let value = present(name) else { return nil }
        return try JSONFields(value, path: path(name))
    }

    /// The objects of an array, each read by `body`. An absent array is an empty one.
    package func objects<Element>(
        _ name: String, maximumCount: Int = 100_000, _ body: (JSONFields) throws(JSONError) -> Element
    ) throws(JSONError) -> [Element] {
        var result: [Element] = []
        for (index, element) in try elements(name, maximumCount: maximumCount).enumerated() {
            result.append(try body(JSONFields(element, path: "\(path(name))[\(index)]")))
        }
        return result
    }

    /// The strings of an array. An absent array is an empty one.
    package func strings(_ name: String, maximumCount: Int = 100_000, maximumLength: Int = 1024) throws(JSONError) -> [String] {
        var result: [String] = []
        for (index, element) in try elements(name, maximumCount: maximumCount).enumerated() {
            guard case .string(let text) = element, text.utf8.count <= maximumLength else {
                throw .wrongType(path: "\(path(name))[\(index)]", expected: "a string of at most \(maximumLength) bytes")
            }
            result.append(text)
        }
        return result
    }

    /// A string that `parse` turns into a value of another type; nil from `parse` is refused as `expected`.
    package func parsed<Value>(
        _ name: String, expected: String, maximumLength: Int = 1024, _ parse: (String) -> Value?
    ) throws(JSONError) -> Value {
        try require(name, optionalParsed(name, expected: expected, maximumLength: maximumLength, parse))
    }

    package func optionalParsed<Value>(
        _ name: String, expected: String, maximumLength: Int = 1024, _ parse: (String) -> Value?
    ) throws(JSONError) -> Value? {
        guard let text = try optionalString(name, maximumLength: maximumLength) else { return nil }
        guard let value = parse(text) else { throw .wrongType(path: path(name), expected: expected) }
        return value
    }

    package func path(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    private func present(_ name: String) -> JSONValue? {
        guard let value = object[name], value != .null else { return nil }
        return value
    }

    private func require<Value>(_ name: String, _ value: Value?) throws(JSONError) -> Value {
        guard let value else { throw .missing(path: path(name)) }
        return value
    }

    private func elements(_ name: String, maximumCount: Int) throws(JSONError) -> [JSONValue] {
        guard let value = present(name) else { return [] }
        guard case .array(let elements) = value else { throw .wrongType(path: path(name), expected: "an array") }
        guard elements.count <= maximumCount else {
            throw .invalid(path: path(name), reason: "has \(elements.count) entries; at most \(maximumCount) are read")
        }
        return elements
    }
}

/// A type that can be read from a JSON object.
package protocol JSONReadable {
    init(json: JSONFields) throws(JSONError)
}
