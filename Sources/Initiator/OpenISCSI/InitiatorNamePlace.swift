import Files
import Glibc

/// The file that the initiator name is written to: `initiatorname.iscsi`, or the one behind a link that an administrator put in its place.
///
/// A link is followed where nobody but root (or who runs this) could have made it lead there: the link, the file and every folder on the way to it
/// are theirs, and others may not write to them, but for folders like /tmp (sticky).
struct InitiatorNamePlace {
    private let folder: FileDescriptor
    private let name: String
    /// Nil where there is none yet.
    private let file: stat?

    /// Throws `.initiatorMisconfigured` where a link may not be followed, or what is there is no file.
    init(_ tree: OpenISCSITree) throws(SetupError) {
        let path = tree.initiatorName
        do throws(FileError) { try makeDirectories(tree.configuration, mode: 0o755) } catch { throw .file(error) }
        let own = try Self.opened(tree.configuration, flags: 0)
        let found = try Self.status("initiatorname.iscsi", in: own)
        guard let found, found.st_mode & S_IFMT == S_IFLNK else {
            if let found, found.st_mode & S_IFMT != S_IFREG { throw .file(.notRegular(path: path)) }
            (folder, name, file) = (own, "initiatorname.iscsi", found)
            return
        }
        guard let real = Self.real(path), let root = Self.real(tree.isLive ? "/" : tree.root) else {
            throw .outcome(
                .initiatorMisconfigured, detail: "\(path) is a link that leads nowhere; remove it, or make the file that it is to lead to")
        }
        let parts = real.split(separator: "/")
        let above = (0..<parts.count).map { "/" + parts.prefix($0).joined(separator: "/") }
        (folder, name) = (try Self.opened(above[above.count - 1]), String(parts[parts.count - 1]))
        file = try Self.status(name, in: folder)
        var others: [String] = []
        for folder in above.dropLast() where try !Self.isOurs(Self.status(of: Self.opened(folder))) { others.append(folder) }
        if !Self.isOurs(found) { others.append(path) }
        if try !Self.isOurs(Self.status(of: folder)) { others.append(above[above.count - 1]) }
        if file.map({ Self.isOurs($0) && $0.st_mode & S_IFMT == S_IFREG }) != true { others.append(real) }
        guard others.isEmpty, root == "/" || real.hasPrefix(root + "/") else {
            let why = others.isEmpty ? "it lies outside of \(root)" : "others than root may change \(others.joined(separator: ", "))"
            throw .outcome(
                .initiatorMisconfigured,
                detail:
                    "\(path) is a link to \(real), which is not followed: \(why); set the name there by hand, or put a file in the link's place"
            )
        }
    }

    /// Whole or not at all. The file keeps its owner and mode; a new one only root may read, as on Debian.
    func write(_ bytes: [UInt8]) throws(SetupError) {
        do throws(FileError) {
            if let file { try folder.replace(name, with: bytes, like: file) } else { try folder.replace(name, with: bytes) }
        } catch {
            throw .file(error)
        }
    }

    private static func isOurs(_ status: stat) -> Bool {
        let isOpen = status.st_mode & 0o022 != 0 && status.st_mode & S_IFMT != S_IFLNK
        let isSticky = status.st_mode & S_IFMT == S_IFDIR && status.st_mode & S_ISVTX != 0
        return (status.st_uid == 0 || status.st_uid == geteuid()) && (!isOpen || isSticky)
    }

    private static func opened(_ path: String, flags: Int32 = O_NOFOLLOW) throws(SetupError) -> FileDescriptor {
        do throws(FileError) {
            return try FileDescriptor(opening: path, flags: O_RDONLY | O_DIRECTORY | flags)
        } catch {
            throw .file(error)
        }
    }

    private static func status(of folder: FileDescriptor) throws(SetupError) -> stat {
        do throws(FileError) { return try folder.status() } catch { throw .file(error) }
    }

    /// Of a name, and of no link's target; nil where there is none.
    private static func status(_ name: String, in folder: FileDescriptor) throws(SetupError) -> stat? {
        var status = stat()
        if fstatat(folder.number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 { return status }
        if errno == ENOENT { return nil }
        throw .file(.system(operation: "stat", path: "\(folder.path)/\(name)", errno: errno))
    }

    private static func real(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }
}
