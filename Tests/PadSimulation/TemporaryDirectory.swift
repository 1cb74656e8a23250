import Files
import Glibc
import ScratchPad

/// A directory of this test's own, removed with the value.
package final class TemporaryDirectory: Sendable {
    package let path: String

    package init() throws {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/quartermaster-pad-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw PadError.file(.system(operation: "make directory", path: base, errno: errno)) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        guard let slash = path.lastIndex(of: "/"), let name = PadName(String(path[path.index(after: slash)...])) else { return }
        _ = try? DirectoryMedium(path: String(path[..<slash])).remove(name, in: .root)
    }
}
