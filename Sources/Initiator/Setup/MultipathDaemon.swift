import Files
import Glibc

/// multipathd, by the file that it leaves its process's number in: `run/multipathd.pid`, decimal digits and a newline (multipathd/main.c).
package struct MultipathDaemon: Sendable {
    let root: String

    /// `root` is empty for the machine's own.
    package init(root: String) { self.root = root }

    /// Whether the process of that number is there and is multipathd. Where a file cannot be read it counts as running: a map is waited for rather
    /// than missed.
    package var runs: Bool {
        do throws(FileError) {
            let digits = try readFile("\(root)/run/multipathd.pid", limit: 64).prefix { (0x30...0x39).contains($0) }
            guard let process = Int32(String(decoding: digits, as: UTF8.self)) else { return false }
            let comm = try readFile("\(root)/proc/\(process)/comm", limit: 64)
            return comm.prefix { $0 != 0x0A }.elementsEqual("multipathd".utf8)
        } catch {
            return error.errno != ENOENT && error.errno != ESRCH
        }
    }
}
