import Glibc

extension ChildProcess {
    /// A program of this package that was built beside the tests; nil where it was not.
    ///
    /// The running program is the test bundle, or a helper of the toolchain that was given its path.
    package static func built(_ name: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let own = count > 0 ? [String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)] : []
        for start in own + CommandLine.arguments.filter({ $0.contains("/") }) {
            var parts = start.split(separator: "/")
            for _ in 0..<4 where !parts.isEmpty {
                parts.removeLast()
                let candidate = "/" + (parts + [name[...]]).joined(separator: "/")
                var status = stat()
                if stat(candidate, &status) == 0, status.st_mode & S_IFMT == S_IFREG, access(candidate, X_OK) == 0 { return candidate }
            }
        }
        return nil
    }
}
