import Files
import Glibc
import HostFacts
import Identifiers

/// open-iscsi's `initiatorname.iscsi`: who this host is to its targets.
package struct InitiatorNameRecord: Sendable {
    private let tree: OpenISCSITree

    package init(_ tree: OpenISCSITree) { self.tree = tree }

    /// Nil where the file is not there or names nobody yet.
    package func name() throws(SetupError) -> (name: ISCSIName, spelling: String)? {
        guard let bytes = try bytes() else { return nil }
        switch bytes.withUnsafeBytes({ InitiatorNameFile.parse($0) }) {
        case .value(let name): return (name, Self.spelling(of: name, bytes) ?? name.description)
        case .malformed(let reason): throw .record(path: tree.initiatorName, line: 0, reason: reason)
        default: return nil
        }
    }

    private func bytes() throws(SetupError) -> [UInt8]? {
        do throws(FileError) {
            return try readFile(tree.initiatorName, limit: 64 << 10)
        } catch {
            if error.errno == ENOENT || error.errno == ENOTDIR { return nil }
            throw .file(error)
        }
    }

    /// As the file has it: targets' access lists may compare bytes.
    private static func spelling(of name: ISCSIName, _ bytes: [UInt8]) -> String? {
        for line in bytes.split(separator: 0x0A) {
            let line = line.drop(while: RecordText.isSpace)
            guard line.starts(with: "InitiatorName".utf8), let equals = line.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let value = line[(equals + 1)...].drop(while: RecordText.isSpace).prefix { !RecordText.isSpace($0) }
            if let text = String(validating: value, as: UTF8.self), ISCSIName(text) == name { return text }
        }
        return nil
    }

    /// The file with this name in place of the one it had; comments and other lines stay.
    package func replacement(_ name: ISCSIName) throws(SetupError) -> [UInt8] {
        let before = try bytes() ?? Array("## Made by quartermaster-agent iscsi initiator set-name\n".utf8)
        var lines = before.split(separator: 0x0A, omittingEmptySubsequences: false).map { Array($0) }
        if lines.last?.isEmpty == true { lines.removeLast() }
        let isName = { (line: [UInt8]) -> Bool in
            let text = line.drop(while: RecordText.isSpace)
            return text.starts(with: "InitiatorName".utf8) || text.starts(with: "GenerateName".utf8)
        }
        let line = Array("InitiatorName=\(name)".utf8)
        if let place = lines.firstIndex(where: isName) {
            lines[place] = line
            lines = lines.enumerated().filter { $0.offset == place || !isName($0.element) }.map(\.element)
        } else {
            lines.append(line)
        }
        return lines.flatMap { $0 + [0x0A] }
    }

    /// Makes this name the host's. iscsid reads it when it starts (usr/iscsid.c); sessions that stand keep theirs.
    package func set(_ name: ISCSIName) throws(SetupError) {
        let place = try InitiatorNamePlace(tree)
        try place.write(try replacement(name))
    }
}
