/// What a backup or a restore refuses.
package enum BackupError: Error, Equatable, Sendable {
    /// The file is a database of a controller, but no backup.
    case notABackup(path: String)
    /// A file inside the backup has a name that no backup of ours has, or other bytes than were put in.
    case damagedFile(path: String, name: String)
    case damaged(path: String, detail: String)
    /// The directory to restore into has something in it.
    case notEmpty(directory: String)
    /// A data directory has something that a backup cannot hold.
    case unexpectedFile(path: String)
}

extension BackupError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notABackup(let path): "\(path) is no backup; give a file that `quartermaster backup` wrote"
        case .damagedFile(let path, let name): "\(path) holds the file \(name) damaged; nothing was restored. Take another backup"
        case .damaged(let path, let detail): "the backup \(path) is damaged (\(detail)); nothing was restored. Take another backup"
        case .notEmpty(let directory): "\(directory) has something in it already; name an empty or new directory to restore into"
        case .unexpectedFile(let path): "\(path) cannot be kept in a backup: only files of keys and audit archives can; move it away"
        }
    }
}
