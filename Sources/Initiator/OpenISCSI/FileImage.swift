import Files
import Glibc
import ISCSI

/// A file below open-iscsi's folder of records as it is, or is to be: its bytes, or where a link leads; so that what was there can be put back byte for byte.
package struct FileImage: Hashable, Sendable {
    /// Below `OpenISCSITree.records`: `nodes/iqn…/10.0.0.1,3260,1/default`.
    package var path: String
    package var content: Content

    package enum Content: Hashable, Sendable {
        case absent
        case file(SecretBytes, mode: UInt32)
        case link(String)
    }

    package init(path: String, content: Content) {
        self.path = path
        self.content = content
    }

    /// The folders on the way, the outermost first.
    var folders: [String] {
        var result: [String] = []
        for part in path.split(separator: "/").dropLast() { result.append((result.last.map { $0 + "/" } ?? "") + part) }
        return result
    }

    var name: String { path.split(separator: "/").last.map(String.init) ?? path }
}

/// Records hold secrets: none is told by printing one.
extension FileImage.Content: CustomStringConvertible, CustomReflectable {
    package var description: String {
        switch self {
        case .absent: "nothing"
        case .file(let bytes, let mode): "a file of \(bytes.count) bytes, mode \(String(mode, radix: 8))"
        case .link(let target): "a link to \(target)"
        }
    }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension RecordDatabase {
    /// What stands at a path below the folder of records now.
    package func image(_ path: String) throws(SetupError) -> FileImage {
        guard let top = try directory(tree.records) else { return FileImage(path: path, content: .absent) }
        if let target = link(top, path) { return FileImage(path: path, content: .link(target)) }
        guard let found = try read(top, path) else { return FileImage(path: path, content: .absent) }
        return FileImage(path: path, content: .file(found.bytes, mode: found.mode))
    }

    /// Folders of these paths that are there now.
    package func existingFolders(of images: [FileImage]) throws(SetupError) -> Set<String> {
        guard let top = try directory(tree.records) else { return [] }
        var result: Set<String> = []
        for folder in Set(images.flatMap(\.folders)) {
            var status = stat()
            if fstatat(top.number, folder, &status, AT_SYMLINK_NOFOLLOW) == 0 { result.insert(folder) }
        }
        return result
    }

    /// Puts an image in its place: whole or not at all, made durable. Folders are made (0700); a file is written beside the folders that
    /// open-iscsi reads, and moved to its place. The lock is held by the caller.
    package func put(_ image: FileImage) throws(SetupError) {
        if try self.image(image.path) == image { return }
        do throws(FileError) {
            let top = try FileDescriptor(directory: tree.records)
            if case .absent = image.content {
                if unlinkat(top.number, image.path, 0) != 0, errno != ENOENT, errno != ENOTDIR {
                    throw .system(operation: "remove", path: "\(top.path)/\(image.path)", errno: errno)
                }
                if let folder = try parent(of: image, in: top) { try folder.synchronize() }
                return
            }
            try makeFolders(image.folders, in: top)
            let temporary = Self.temporaryPrefix + "\(getpid()).\(UInt32.random(in: 0 ... .max))"
            do throws(FileError) {
                try write(image.content, as: temporary, in: top)
                guard let folder = try parent(of: image, in: top) else {
                    throw .system(operation: "open", path: "\(top.path)/\(image.path)", errno: ENOENT)
                }
                guard renameat(top.number, temporary, folder.number, image.name) == 0 else {
                    throw .system(operation: "replace", path: "\(top.path)/\(image.path)", errno: errno)
                }
                try folder.synchronize()
            } catch {
                unlinkat(top.number, temporary, 0)
                throw error
            }
            try top.synchronize()
        } catch {
            throw .file(error)
        }
    }

    /// Removes folders that are empty, the deepest first; others stay.
    package func removeEmpty(_ folders: some Collection<String>) throws(SetupError) {
        guard let top = try directory(tree.records) else { return }
        for folder in folders.sorted(by: { $0.utf8.count > $1.utf8.count }) where unlinkat(top.number, folder, AT_REMOVEDIR) != 0 {
            let reason = errno
            // On a file system that is read-only, also what is not there cannot be removed.
            var status = stat()
            if reason == EROFS, fstatat(top.number, folder, &status, AT_SYMLINK_NOFOLLOW) != 0 { continue }
            guard [ENOENT, ENOTEMPTY, EEXIST, ENOTDIR].contains(reason) else {
                throw .file(.system(operation: "remove", path: "\(top.path)/\(folder)", errno: reason))
            }
        }
        do throws(FileError) { try top.synchronize() } catch { throw .file(error) }
    }

    /// What a process that was killed while it put an image left.
    package func removeTemporaryFiles() throws(SetupError) {
        guard let top = try directory(tree.records) else { return }
        do throws(FileError) {
            for name in try top.names(limit: 10_000) where name.hasPrefix(Self.temporaryPrefix) { try top.remove(name) }
        } catch {
            throw .file(error)
        }
    }

    private static let temporaryPrefix = ".quartermaster."

    private func write(_ content: FileImage.Content, as name: String, in top: FileDescriptor) throws(FileError) {
        switch content {
        case .absent: break
        case .link(let target):
            guard symlinkat(target, top.number, name) == 0 else {
                throw .system(operation: "make the link", path: "\(top.path)/\(name)", errno: errno)
            }
        case .file(let bytes, let mode):
            let file = try top.open(beneath: name, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
            var copy = Array(bytes)
            defer { SecretBytes.wipe(&copy) }
            try file.writeAll(copy)
            guard fchmod(file.number, mode) == 0 else { throw .system(operation: "chmod", path: file.path, errno: errno) }
            try file.synchronize()
        }
    }

    private func makeFolders(_ folders: [String], in top: FileDescriptor) throws(FileError) {
        for folder in folders where mkdirat(top.number, folder, 0o700) != 0 && errno != EEXIST {
            throw .system(operation: "make directory", path: "\(top.path)/\(folder)", errno: errno)
        }
    }

    private func parent(of image: FileImage, in top: FileDescriptor) throws(FileError) -> FileDescriptor? {
        guard let folder = image.folders.last else { return top }
        do throws(FileError) {
            return try top.open(beneath: folder, flags: O_RDONLY | O_DIRECTORY)
        } catch {
            if error.errno == ENOENT { return nil }
            throw error
        }
    }

    /// Where the link at a path leads; nil for what is no link.
    private func link(_ top: FileDescriptor, _ path: String) -> String? {
        withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
            let target = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            let length = target.map { readlinkat(top.number, path, $0, buffer.count) } ?? -1
            return length > 0 ? String(validating: buffer[..<length], as: UTF8.self) : nil
        }
    }
}
