import AgentCore
import Files
import Glibc

/// Where `--write-answers` writes to: a file, made or replaced as a whole, or standard output.
struct AnswersOutput {
    let path: String
    private var isStandardOutput: Bool { path == "/dev/stdout" }

    /// Throws where it could not be written as things are, which is found before anything is asked.
    init(_ path: String) throws(AgentError) {
        self.path = path
        try check()
    }

    func write(_ bytes: [UInt8]) throws(AgentError) {
        // Links, devices and pipes are never replaced, also where they came meanwhile.
        try check()
        do throws(FileError) {
            guard isStandardOutput else { return try replaceFile(path, with: bytes, mode: 0o600) }
            try FileDescriptor(owning: fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3), path: path).writeAll(bytes)
        } catch {
            throw .file(error)
        }
    }

    private func check() throws(AgentError) {
        if isStandardOutput { return }
        var status = stat()
        let isThere = lstat(path, &status) == 0
        if isThere, status.st_mode & S_IFMT != S_IFREG { throw .file(.notRegular(path: path)) }
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "./"
        let isWritable = !path.isEmpty && faccessat(AT_FDCWD, String(folder), W_OK | X_OK, AT_EACCESS) == 0
        let reason = path.isEmpty ? ENOENT : errno
        if !isWritable { throw .file(.system(operation: "write", path: path, errno: reason)) }
    }
}
