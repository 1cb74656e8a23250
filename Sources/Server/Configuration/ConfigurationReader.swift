import Files
import Yams

/// Reads controller.yaml: one mapping of the keys in `ConfigurationKey.all`. Every fault is found, not only the first.
package enum ConfigurationReader {
    /// Throws `ConfigurationFaults`, or `FileError` where the file cannot be read.
    package static func read(_ file: String) throws -> ControllerConfiguration {
        let bytes = try readFile(file, limit: 1 << 20)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationFaults(faults: [
                ConfigurationFault(file: file, line: 1, key: "", problem: "is not UTF-8", allowed: "YAML in UTF-8")
            ])
        }
        return try parse(text, file: file)
    }

    /// Throws `ConfigurationFaults`.
    package static func parse(_ text: String, file: String) throws(ConfigurationFaults) -> ControllerConfiguration {
        var configuration = ControllerConfiguration()
        guard let mapping = try mapping(text, file) else { return configuration }
        var faults: [ConfigurationFault] = []
        for (key, value) in mapping {
            func fault(_ problem: String, _ allowed: String, at node: Node) {
                let line = (node.mark ?? key.mark)?.line ?? 1
                faults.append(ConfigurationFault(file: file, line: line, key: key.string ?? "", problem: problem, allowed: allowed))
            }
            guard let name = key.string, let known = ConfigurationKey.all.first(where: { $0.name == name }) else {
                fault("is no key of this file", ConfigurationKey.all.map(\.name).joined(separator: ", "), at: key)
                continue
            }
            switch (known.kind, value) {
            case (.text(let set), .scalar(let scalar)):
                // A key without a value is its default, as if it were not there.
                if scalar.style == .plain, ["", "~", "null"].contains(scalar.string) { continue }
                if !set(&configuration, scalar.string) { fault("is \"\(scalar.string)\"", known.allowed, at: value) }
            case (.list(let set), .sequence(let sequence)):
                let texts = sequence.compactMap(\.scalar?.string)
                if texts.count != sequence.count || !set(&configuration, texts) {
                    fault("holds something else", known.allowed, at: value)
                }
            case (.list, .scalar(let scalar)) where scalar.style == .plain && ["", "~", "null"].contains(scalar.string): continue
            case (.text, _): fault("is not a single value", known.allowed, at: value)
            case (.list, _): fault("is not a list", known.allowed, at: value)
            }
        }
        guard faults.isEmpty else { throw ConfigurationFaults(faults: faults.sorted { $0.line < $1.line }) }
        return configuration
    }

    /// Nil for an empty file.
    private static func mapping(_ text: String, _ file: String) throws(ConfigurationFaults) -> Node.Mapping? {
        let allowed = "one YAML mapping of keys to values"
        func whole(_ problem: String, line: Int) -> ConfigurationFaults {
            ConfigurationFaults(faults: [ConfigurationFault(file: file, line: line, key: "", problem: problem, allowed: allowed)])
        }
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch {
            switch error as? YamlError {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
                throw whole(problem, line: mark.line)
            case .duplicatedKeysInMapping(let duplicates, let context):
                throw whole("a key is given twice: \(duplicates.sorted().joined(separator: ", "))", line: context.mark.line)
            default: throw whole("is not YAML", line: 1)
            }
        }
        switch node {
        case nil: return nil
        case .mapping(let mapping): return mapping
        case .scalar(let scalar) where scalar.style == .plain && scalar.string.isEmpty: return nil
        case .some(let other): throw whole("is not a mapping", line: other.mark?.line ?? 1)
        }
    }
}
