import Glibc

/// A file operation that failed: what was tried, on what, and the kernel's reason.
package enum FileError: Error, Equatable, Sendable {
    case system(operation: String, path: String, errno: Int32)
    case tooLarge(path: String, limit: Int)
    case notRegular(path: String)
    case notDirectory(path: String)
    /// A secret in a file that others may read or write.
    case tooOpen(path: String, mode: UInt32)
    case locked(path: String)

    /// The kernel's error number, where it was the kernel that refused.
    package var errno: Int32? { if case .system(_, _, let errno) = self { errno } else { nil } }
}

extension FileError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .system(let operation, let path, let errno): "cannot \(operation) \(path): \(Self.text(of: errno))"
        case .tooLarge(let path, let limit): "\(path) is larger than \(limit) bytes"
        case .notRegular(let path): "\(path) is not a regular file"
        case .notDirectory(let path): "\(path) is not a directory"
        case .tooOpen(let path, let mode):
            "\(path) holds a secret, and its mode \(String(mode & 0o7777, radix: 8)) lets others at it; run chmod 600 \(path)"
        case .locked(let path): "\(path) is locked by another process"
        }
    }

    /// `No such file or directory (ENOENT)` without the number's symbol: the C library's words.
    package static func text(of errno: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        // POSIX's strerror_r: 0, and the text in the buffer.
        guard strerror_r(errno, &buffer, buffer.count) == 0 else { return "error \(errno)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
