import Identifiers
import StrictJSON

extension JSONFields {
    func id<Kind>(_ name: String) throws(JSONError) -> StorageObjectID<Kind> {
        try parsed(name, expected: "an ID of 1 to 256 bytes without control characters") { StorageObjectID($0) }
    }

    func optionalID<Kind>(_ name: String) throws(JSONError) -> StorageObjectID<Kind>? {
        try optionalParsed(name, expected: "an ID of 1 to 256 bytes without control characters") { StorageObjectID($0) }
    }

    func ids<Kind>(_ name: String, maximumCount: Int = 4096) throws(JSONError) -> [StorageObjectID<Kind>] {
        var result: [StorageObjectID<Kind>] = []
        for (index, text) in try strings(name, maximumCount: maximumCount).enumerated() {
            guard let id = StorageObjectID<Kind>(text) else {
                throw .wrongType(path: "\(path(name))[\(index)]", expected: "an ID of 1 to 256 bytes without control characters")
            }
            result.append(id)
        }
        return result
    }

    /// A short text for people; control characters are refused, as they would forge log lines and tables.
    func text(_ name: String, default replacement: String? = nil) throws(JSONError) -> String {
        guard let text = try optionalString(name, maximumLength: PluginProtocol.maximumStringBytes) ?? replacement else {
            throw .missing(path: path(name))
        }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw .invalid(path: path(name), reason: "has control characters")
        }
        return text
    }

    func optionalText(_ name: String) throws(JSONError) -> String? { has(name) ? try text(name) : nil }

    func maskedInitiator(_ name: String) throws(JSONError) -> MaskedInitiator {
        try parsed(name, expected: "a WWPN, an IQN, an NQN or *") { MaskedInitiator($0) }
    }
}

extension JSONWriter {
    mutating func member(_ name: String, ids: [StorageObjectID<some Sendable>]) { member(name, strings: ids.map(\.text)) }
}
