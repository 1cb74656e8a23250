import Files
import Glibc

/// A configuration file that was read: its values, and each fault in it.
///
/// Grammar, by lines of UTF-8, at most 64 KiB in all. A line ends with LF, or with CR and LF; no other control character but the tab is in it, and no
/// character that ends a line elsewhere, so that an editor shows the lines that are read. What is not UTF-8 may stand in comments:
///
///     file    = *( blank / comment / section / setting )
///     comment = ( "#" / ";" ) any        ; on a line of its own
///     section = "[" name "]"
///     setting = key "=" value            ; white space around both is dropped; the rest of the line is the value
package struct ConfigurationFile: Equatable, Sendable {
    package static let maximumBytes = 64 << 10

    /// The values of the keys without a fault, the defaults for the others.
    package private(set) var configuration: AgentConfiguration
    package private(set) var faults: [ConfigurationFault] = []

    private let file: String
    private let only: String?
    /// Those that this file may have.
    private var keys: [ConfigurationKey] { ConfigurationKey.all.filter { only == nil || $0.section == only } }
    private var section: String?
    /// Names of settings whose value was not taken over.
    private var neglected: Set<String> = []
    /// Names of settings in no section of this file, and of those that a key that is not known may have been meant for.
    private var strayed: Set<String> = []
    private var isText = true
    private var lineOfKey: [String: Int] = [:]

    /// Reads `path`. The file at the default place may be absent, one that was asked for may not.
    package static func load(_ path: String?) throws(AgentError) -> ConfigurationFile {
        do throws(FileError) {
            let bytes = try readFile(path ?? AgentConfiguration.defaultPath, limit: maximumBytes)
            return ConfigurationFile(bytes, file: path ?? AgentConfiguration.defaultPath)
        } catch {
            if path == nil, error.errno == ENOENT { return ConfigurationFile([], file: AgentConfiguration.defaultPath) }
            throw .file(error)
        }
    }

    /// The configuration of `path`, where it has no fault.
    package static func valid(_ path: String?) throws(AgentError) -> AgentConfiguration {
        let file = try load(path)
        guard file.faults.isEmpty else { throw .configuration(file.faults) }
        return file.configuration
    }

    /// The configuration of `path`, whose faults keep their default, for what must not end over them: a host that is registered has what counts in
    /// its state. Throws where a fault may hide where that is.
    package static func usable(_ path: String?) throws(AgentError) -> (configuration: AgentConfiguration, faults: [ConfigurationFault]) {
        let file = try load(path)
        guard file.isText, !file.isUnsettled({ $0.path == "agent.state-directory" }) else { throw .configuration(file.faults) }
        var configuration = file.configuration
        if file.isUnsettled({ $0.isOfRegistration }) { configuration.registrationFaults = file.faults }
        return (configuration, file.faults)
    }

    /// Whether somebody may have meant one of these keys to have another value than it has now: its line was refused, or stands where no such key is
    /// while the key is given nowhere else.
    private func isUnsettled(_ isMeant: (ConfigurationKey) -> Bool) -> Bool {
        ConfigurationKey.all.contains {
            isMeant($0) && (neglected.contains($0.name) || strayed.contains($0.name) && lineOfKey[$0.path] == nil)
        }
    }

    /// With `section`, the keys of that one section alone are known, and `over` has the values of those that are not given.
    package init(_ bytes: [UInt8], file: String, section only: String? = nil, over configuration: AgentConfiguration = AgentConfiguration())
    {
        self.file = file
        self.configuration = configuration
        self.only = only
        guard !bytes.contains(0) else {
            faults.append(ConfigurationFault(file: file, line: 0, key: nil, reason: "is not text", allowed: "UTF-8 without NUL"))
            isText = false
            return
        }
        var bytes = bytes[...]
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            bytes.removeFirst(3)
            fault(1, nil, "begins with a byte order mark", "UTF-8 without one; save the file as such")
        }
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            read(line.last == UInt8(ascii: "\r") ? line.dropLast() : line, line: index + 1)
        }
    }

    private mutating func read(_ bytes: ArraySlice<UInt8>, line: Int) {
        let text = Substring(decoding: bytes, as: UTF8.self).trimmed
        let isComment = text.first.map { $0 == "#" || $0 == ";" } ?? true
        guard isComment || String(validating: bytes, as: UTF8.self) != nil else {
            neglect(text)
            return fault(line, nil, "is not text", "UTF-8; comments may hold anything")
        }
        guard !text.unicodeScalars.contains(where: \.endsLines) else {
            neglect(text)
            return fault(line, nil, "has a control character in it, or one that ends lines", "text and tabs; lines end with a line feed")
        }
        if isComment { return }
        if text.first == "[" {
            readSection(text, line: line)
        } else if let equals = text.firstIndex(of: "=") {
            readSetting(String(text[..<equals].trimmed), String(text[text.index(after: equals)...].trimmed), line: line)
        } else {
            neglect(text)
            fault(line, nil, "is no setting", "key = value, [section], or # and a comment")
        }
    }

    private mutating func readSection(_ text: Substring, line: Int) {
        let name = text.hasSuffix("]") ? String(text.dropFirst().dropLast().trimmed) : ""
        let known = keys.map(\.section)
        section = known.contains(name) ? name : nil
        if section == nil {
            // Settings below it are not looked at: each would be a fault of this one cause.
            section = ""
            fault(line, String(text.prefix(64)), "is no section of this file", Self.list(known, "[", "]"))
        }
    }

    private mutating func readSetting(_ name: String, _ value: String, line: Int) {
        guard section != "" else {
            strayed.insert(String(name.prefix(64)))
            return
        }
        let path = section.map { "\($0).\(name.prefix(64))" } ?? String(name.prefix(64))
        guard let section else {
            strayed.insert(String(name.prefix(64)))
            return fault(line, path, "stands before any section", Self.list(keys.map(\.section), "[", "]"))
        }
        guard let key = keys.first(where: { $0.section == section && $0.name == name }) else {
            let known = keys.filter { $0.section == section }.map(\.name)
            strayed.formUnion(known.filter { Spelling.isAlike($0, name) })
            return fault(line, path, "is not known", Self.list(known, "", ""))
        }
        if let earlier = lineOfKey[key.path] {
            neglect(name[...])
            return fault(line, path, "is given twice, first in line \(earlier)", "one line for each key")
        }
        lineOfKey[key.path] = line
        if !key.apply(&configuration, value) {
            neglect(name[...])
            fault(line, path, value.isEmpty ? "has no value" : "\"\(value.prefix(128))\" is not allowed", key.allowed)
        }
    }

    /// The first word of a line that was passed over, were it a setting.
    private mutating func neglect(_ line: Substring) {
        guard let first = line.first, first != "#", first != ";" else { return }
        neglected.insert(String(line.prefix { $0 != "=" && $0 != " " && $0 != "\t" }.prefix(64)))
    }

    private mutating func fault(_ line: Int, _ key: String?, _ reason: String, _ allowed: String) {
        faults.append(ConfigurationFault(file: file, line: line, key: key, reason: reason, allowed: allowed))
    }

    private static func list(_ names: [String], _ open: String, _ close: String) -> String {
        var seen: [String] = []
        for name in names where !seen.contains(name) { seen.append(name) }
        return seen.map { open + $0 + close }.joined(separator: ", ")
    }
}
