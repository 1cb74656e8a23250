import Inventory

/// os-release(5): shell assignments, one a line, without expansion.
package enum OSRelease {
    /// NAME (`Linux` where there is none, as the manual says) and VERSION_ID, or VERSION.
    package static func parse(_ bytes: UnsafeRawBufferPointer) -> FactText.Parsed<Inventory.OperatingSystem> {
        var (name, versionID, version): (String?, String?, String?) = (nil, nil, nil)
        for line in Lines(bytes) {
            let text = FactText.trimmed(line)
            if text.isEmpty || text.first == UInt8(ascii: "#") { continue }
            guard let (key, value) = text.split(at: UInt8(ascii: "=")) else { continue }
            guard case .value(let string) = FactText.string(value) else { continue }
            if FactText.equal(key, "NAME") { name = unquoted(string) }
            if FactText.equal(key, "VERSION_ID") { versionID = unquoted(string) }
            if FactText.equal(key, "VERSION") { version = unquoted(string) }
        }
        if bytes.isEmpty { return .nothing }
        let system = Inventory.OperatingSystem(name: name ?? "Linux", version: versionID ?? version)
        guard system.name.utf8.count <= 255, system.version?.utf8.count ?? 0 <= 255 else {
            return .malformed("a name or version of more than 255 bytes")
        }
        return .value(system)
    }

    private static func unquoted(_ text: String) -> String {
        guard let quote = text.first, quote == "\"" || quote == "'", text.count >= 2, text.last == quote else { return text }
        let inner = text.dropFirst().dropLast()
        if quote == "'" { return String(inner) }
        var result = ""
        var escaped = false
        for character in inner {
            if !escaped, character == "\\" {
                escaped = true
            } else {
                result.append(character)
                escaped = false
            }
        }
        return result
    }
}
