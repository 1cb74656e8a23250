import Files

/// A file of answers to a program's questions, as a person or the program itself wrote it.
///
/// Grammar: that of `ConfigurationFile` without sections. At most 64 KiB of UTF-8; `key = value` lines, `#` and `;` begin a comment on a line of its own.
package struct AnswersFile: Equatable, Sendable {
    package struct Answer: Equatable, Sendable {
        package var value: String
        package var line: Int
    }

    /// More are counted only.
    private static let toldFaults = 19

    package let path: String
    package private(set) var answers: [String: Answer] = [:]

    /// Throws `.configuration` with each fault, and `.file` where it cannot be read. `keys` are those that there are.
    package init(_ path: String, keys: [String]) throws(AgentError) {
        let bytes: [UInt8]
        do throws(FileError) { bytes = try readFile(path, limit: ConfigurationFile.maximumBytes) } catch { throw .file(error) }
        try self.init(bytes, path: path, keys: keys)
    }

    package init(_ bytes: [UInt8], path: String, keys: [String]) throws(AgentError) {
        self.path = path
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw .configuration([ConfigurationFault(file: path, line: 0, key: nil, reason: "is not text", allowed: "UTF-8 without NUL")])
        }
        var faults: [ConfigurationFault] = []
        for (index, bytes) in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let line = Substring(bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes)
            if let (key, reason, allowed) = read(line, number: index + 1, keys: keys) {
                faults.append(ConfigurationFault(file: path, line: index + 1, key: key, reason: reason, allowed: allowed))
            }
        }
        if faults.count > Self.toldFaults {
            let rest = "has \(faults.count - Self.toldFaults) more faults"
            faults =
                faults.prefix(Self.toldFaults) + [
                    ConfigurationFault(file: path, line: 0, key: nil, reason: rest, allowed: "see those before")
                ]
        }
        if !faults.isEmpty { throw .configuration(faults) }
    }

    /// Nil where nothing is wrong with the line.
    private mutating func read(_ line: Substring, number: Int, keys: [String]) -> (key: String?, reason: String, allowed: String)? {
        guard !line.unicodeScalars.contains(where: \.endsLines) else {
            return (nil, "has a control character in it, or one that ends lines", "text and tabs; lines end with a line feed")
        }
        let text = line.trimmed
        guard let first = text.first, first != "#", first != ";" else { return nil }
        guard let equals = text.firstIndex(of: "=") else { return (nil, "is no answer", "key = value, or # and a comment") }
        let key = String(text[..<equals].trimmed)
        guard keys.contains(key) else { return (String(key.prefix(64)), "is not known", keys.joined(separator: ", ")) }
        if let earlier = answers[key] { return (key, "is given twice, first in line \(earlier.line)", "one line for each key") }
        answers[key] = Answer(value: String(text[text.index(after: equals)...].trimmed), line: number)
        return nil
    }

    /// A value that the question does not take. Without an answer the fault is of the file as a whole. Of `isSecret` the value is not told.
    package func fault(_ key: String, allowed: String, isSecret: Bool = false) -> AgentError {
        guard let answer = answers[key] else {
            return .configuration([
                ConfigurationFault(file: path, line: 0, key: key, reason: "has no answer: add the line \(key) = …", allowed: allowed)
            ])
        }
        let reason =
            answer.value.isEmpty
            ? "has no value"
            : isSecret ? "names no file that is there (the name is not repeated)" : "\"\(answer.value.prefix(128))\" is no answer here"
        return .configuration([ConfigurationFault(file: path, line: answer.line, key: key, reason: reason, allowed: allowed)])
    }

    /// The bytes of such a file. `about` stands above a key, as comments.
    package static func bytes(heading: [String], _ entries: [(key: String, value: String, about: [String])]) -> [UInt8] {
        var lines = heading.map(comment)
        for entry in entries { lines += [""] + entry.about.map(comment) + ["\(entry.key) = \(entry.value)"] }
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    private static func comment(_ text: String) -> String { text.isEmpty ? "#" : "# \(text.printable)" }
}
