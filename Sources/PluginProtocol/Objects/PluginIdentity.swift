import StrictJSON

/// An option that a plug-in declares in its answer to `initialize`.
package struct PluginOption: Equatable, Sendable, JSONReadable, JSONWritable {
    package var name: String
    package var isRequired: Bool
    /// Kept in the controller's database (mode 0600) alone, and never shown.
    package var isSecret: Bool
    package var description: String

    package init(_ name: String, required isRequired: Bool = false, secret isSecret: Bool = false, _ description: String) {
        self.name = name
        self.isRequired = isRequired
        self.isSecret = isSecret
        self.description = description
    }

    package init(json: JSONFields) throws(JSONError) {
        name = try json.text("name")
        guard Self.isName(name) else { throw .invalid(path: json.path("name"), reason: "is not made of a-z, 0-9 and -") }
        isRequired = try json.optionalBool("required") ?? false
        isSecret = try json.optionalBool("secret") ?? false
        description = try json.text("description", default: "")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("required", isRequired)
            writer.member("secret", isSecret)
            writer.member("description", description)
        }
    }

    /// 1 to 64 of `a-z`, `A-Z`, `0-9`, `-`, `.`, `_`, a letter first.
    package static func isName(_ text: String) -> Bool {
        guard (1...64).contains(text.utf8.count), let first = text.first, first.isASCII, first.isLetter else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}

/// The answer to `initialize`: who the plug-in is, and what options it takes.
package struct PluginIdentity: Equatable, Sendable, JSONReadable, JSONWritable {
    package var name: String
    package var version: String
    package var vendor: String
    package var options: [PluginOption]

    package init(name: String, version: String, vendor: String, options: [PluginOption]) {
        self.name = name
        self.version = version
        self.vendor = vendor
        self.options = options
    }

    /// Refuses another version of the protocol than ours.
    package init(json: JSONFields) throws(JSONError) {
        _ = try json.integer("protocol", in: PluginProtocol.version...PluginProtocol.version)
        name = try json.text("name")
        version = try json.text("version")
        vendor = try json.text("vendor")
        options = try json.objects("options", maximumCount: 256) { fields throws(JSONError) in try PluginOption(json: fields) }
        guard Set(options.map(\.name)).count == options.count else {
            throw .invalid(path: json.path("options"), reason: "names an option twice")
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("protocol", PluginProtocol.version)
            writer.member("name", name)
            writer.member("version", version)
            writer.member("vendor", vendor)
            writer.member("options", array: options)
        }
    }

    /// What is wrong with options that somebody wants to give: unknown ones, then missing ones. Nil where all is right.
    package func refusal(of given: [String: String]) -> PluginFault? {
        let known = options.map(\.name).sorted().joined(separator: ", ")
        if let unknown = given.keys.sorted().first(where: { key in !options.contains { $0.name == key } }) {
            return .invalid(unknown, "is no option of plug-in \(name); it takes: \(known.isEmpty ? "none" : known)")
        }
        if let missing = options.first(where: { $0.isRequired && given[$0.name] == nil }) {
            return .invalid(missing.name, "is an option that plug-in \(name) needs: \(missing.description)")
        }
        return nil
    }
}
