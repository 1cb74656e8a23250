import CLinux
import Files
import Glibc

/// open-iscsi's lock on its database: `lock.write` in `run/lock/iscsi`, a hard link to `lock` that whoever makes it holds, and removes in the end
/// (usr/idbm.c). It tells nobody who holds it, and one that was left by a killed process stays until the machine is started anew.
///
/// open-iscsi holds it for milliseconds, and gives up after 30 seconds. It counts as left behind where it was the same for as long, and no
/// process is there that could hold it; where this program is known to have been killed, for a second.
package struct DatabaseLock: Sendable {
    let directory: String
    let patience: Duration
    /// Programs that hold the lock, by the names that the kernel has of them.
    static let holders: Set<String> = ["iscsiadm", "iscsistart", "iscsiuio"]

    package init(_ tree: OpenISCSITree, patience: Duration = .seconds(30)) {
        directory = tree.lockDirectory
        self.patience = patience
    }

    /// Runs `body` under the lock. Throws `.databaseLocked` where somebody holds it for longer than the patience.
    ///
    /// `wasKilled`: an earlier run of this program ended while it may have held the lock. `waiting` may throw to end the waiting for it.
    package func whileHeld<Value>(
        wasKilled: Bool = false, waiting: () throws(SetupError) -> Void = { () throws(SetupError) in },
        _ body: () throws(SetupError) -> Value
    ) throws(SetupError) -> Value {
        let folder = try open()
        try take(folder, wasKilled: wasKilled, waiting)
        defer { unlinkat(folder.number, "lock.write", 0) }
        return try body()
    }

    /// The directory, made where it is missing. It lies where everybody may make one: another user's is refused.
    private func open() throws(SetupError) -> FileDescriptor {
        do throws(FileError) {
            try makeDirectories(directory)
            let folder = try FileDescriptor(opening: directory, flags: O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
            let status = try folder.status()
            guard status.st_uid == geteuid(), status.st_mode & 0o002 == 0 else {
                throw FileError.tooOpen(path: directory, mode: status.st_mode)
            }
            _ = try folder.open(beneath: "lock", flags: O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
            return folder
        } catch {
            if case .tooOpen = error { throw .lockDirectoryOpen(path: directory) }
            throw .file(error)
        }
    }

    private func take(_ folder: FileDescriptor, wasKilled: Bool, _ waiting: () throws(SetupError) -> Void) throws(SetupError) {
        let clock = ContinuousClock()
        let began = clock.now
        var seen: Stamp?
        var unchangedSince = began
        while linkat(folder.number, "lock", folder.number, "lock.write", 0) != 0 {
            guard errno == EEXIST else {
                throw .file(.system(operation: "lock", path: "\(directory)/lock.write", errno: errno))
            }
            let now = clock.now
            let stamp = Stamp(folder)
            if stamp != seen { (seen, unchangedSince) = (stamp, now) }
            let unchanged = now - unchangedSince
            if unchanged >= (wasKilled ? min(patience, .seconds(1)) : patience), stamp != nil, !Self.holderRuns(), Stamp(folder) == stamp {
                unlinkat(folder.number, "lock.write", 0)
                continue
            }
            if now - began >= patience + .seconds(1) { throw .databaseLocked(path: "\(directory)/lock.write") }
            usleep(10_000)
            try waiting()
        }
    }

    /// What tells one holding of the lock from the next: making the link changes the file's ctime.
    private struct Stamp: Equatable {
        let inode: UInt64
        let seconds: Int
        let nanoseconds: Int

        init?(_ folder: FileDescriptor) {
            var status = stat()
            guard fstatat(folder.number, "lock.write", &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
            inode = UInt64(status.st_ino)
            seconds = status.st_ctim.tv_sec
            nanoseconds = status.st_ctim.tv_nsec
        }
    }

    /// Whether a process is there that could hold the lock. What cannot be read counts as one; a process that has gone meanwhile is none.
    static func holderRuns(in processes: String = "/proc") -> Bool {
        do throws(FileError) {
            for name in try FileDescriptor(directory: processes).names() where name.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
                if let comm = try Self.comm("\(processes)/\(name)"), holders.contains(comm) { return true }
            }
            return false
        } catch {
            return true
        }
    }

    private static func comm(_ process: String) throws(FileError) -> String? {
        do throws(FileError) {
            return String(decoding: try readFile("\(process)/comm", limit: 64).prefix { $0 != 0x0A }, as: UTF8.self)
        } catch {
            if error.errno == ENOENT || error.errno == ESRCH { return nil }
            throw error
        }
    }
}
