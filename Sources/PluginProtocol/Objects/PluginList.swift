import StrictJSON

/// What a list method answered: the entries that hold to the protocol, and what is wrong with the others, which are not believed.
package struct PluginList<Entry: Sendable>: Sendable {
    package struct Malformed: Equatable, Sendable {
        /// The entry's own ID, where that could be read.
        package var id: String?
        package var reason: JSONError
        /// For people.
        package var text: String { PluginText.cleaned(reason.description) }

        package init(id: String?, reason: JSONError) {
            self.id = id.map { PluginText.cleaned($0, limit: 256) }
            self.reason = reason
        }
    }

    package var entries: [Entry]
    package var malformed: [Malformed]

    package init(entries: [Entry], malformed: [Malformed] = []) {
        self.entries = entries
        self.malformed = malformed
    }
}

extension PluginList where Entry: JSONReadable {
    /// Reads `{"<key>": […]}`. Throws where there is no such list at all, or one that is too long.
    package init(result: JSONValue, key: String, idKey: String) throws(JSONError) {
        let fields = try JSONFields(result)
        guard case .array(let elements) = try fields.value(key) else { throw .wrongType(path: key, expected: "an array") }
        guard elements.count <= PluginProtocol.maximumListCount else {
            throw .invalid(path: key, reason: "has \(elements.count) entries; at most \(PluginProtocol.maximumListCount) are read")
        }
        self.init(entries: [])
        entries.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            do throws(JSONError) {
                entries.append(try Entry(json: JSONFields(element, path: "\(key)[\(index)]")))
            } catch {
                malformed.append(Malformed(id: element[idKey]?.stringValue, reason: error))
            }
        }
    }
}

extension PluginList: Equatable where Entry: Equatable {}
