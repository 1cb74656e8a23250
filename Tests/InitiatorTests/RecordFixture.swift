import Files
import Glibc
import Testing

@testable import Initiator

/// Records as `iscsiadm` 2.1.8 of Debian 12 writes them: `-m node -o new` and `-o update` in a mount namespace with an empty /etc/iscsi and no
/// iscsid, so that the defaults are open-iscsi's own.
enum RecordFixture: String, CaseIterable {
    case plain, flat, ipv6, interface, chap
    case boundInterface = "iface-lab1"
    case newInterface = "iface-eth0"

    func bytes() throws -> [UInt8] {
        let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        return try readFile("/\(folder)/Records/\(rawValue)")
    }

    func record() throws -> RecordText { try RecordText(bytes(), path: rawValue) }
}

/// A directory that goes with the test.
final class TestFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/initiator.XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { Self.remove(path) }

    func file(_ name: String, _ text: String, mode: UInt32 = 0o600) throws {
        let path = "\(path)/\(name)"
        try makeDirectories(path.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" })
        try replaceFile(path, with: Array(text.utf8), mode: mode)
    }

    /// Every name below, with its mode, and its bytes or where it leads.
    func picture(_ below: String) -> [String: String] {
        var result: [String: String] = [:]
        Self.walk("\(path)/\(below)") { entry, status in
            let mode = String(status.st_mode & 0o7777, radix: 8)
            switch status.st_mode & S_IFMT {
            case S_IFDIR: result[entry] = "folder \(mode)"
            case S_IFLNK:
                var target = [CChar](repeating: 0, count: 4096)
                readlink(entry, &target, 4095)
                result[entry] = "link \(String(decoding: target.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))"
            default: result[entry] = "file \(mode) " + ((try? readFile(entry)).map { String(decoding: $0, as: UTF8.self) } ?? "?")
            }
        }
        return result
    }

    private static func walk(_ path: String, _ visit: (String, stat) -> Void) {
        for name in (try? FileDescriptor(directory: path).names()) ?? [] {
            var status = stat()
            guard lstat("\(path)/\(name)", &status) == 0 else { continue }
            visit("\(path)/\(name)", status)
            if status.st_mode & S_IFMT == S_IFDIR { walk("\(path)/\(name)", visit) }
        }
    }

    private static func remove(_ path: String) {
        var entries: [(String, Bool)] = []
        walk(path) { entries.append(($0, $1.st_mode & S_IFMT == S_IFDIR)) }
        for (entry, isFolder) in entries.reversed() { if isFolder { rmdir(entry) } else { unlink(entry) } }
        rmdir(path)
    }
}
