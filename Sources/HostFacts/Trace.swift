/// Where values came from, for `--explain`: each attempt in order, with the field, the file and what was found there.
package final class Trace {
    package struct Step: Equatable, Sendable {
        package let field: String
        /// From the root, with a slash before it.
        package let path: String
        package let outcome: String
    }

    /// The thing whose fields are read at the moment: `sda`, `host6`, `/home`, `host`.
    var subject = ""
    package internal(set) var steps: [String: [Step]] = [:]

    package init() {}

    func add(_ field: StaticString, _ path: String, _ outcome: String) {
        steps[subject, default: []].append(Step(field: field.description, path: "/" + path, outcome: outcome))
    }
}
