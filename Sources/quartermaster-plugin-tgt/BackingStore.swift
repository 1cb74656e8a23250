import Files
import Glibc

/// What lies behind a logical unit: a file or a block device of this machine.
struct BackingStore: Equatable, Sendable {
    var sizeBytes: Int64
    /// Blocks that the file system has given to a file; nil for a device.
    var allocatedBytes: Int64?

    /// Nil where it cannot be looked at.
    init?(path: String) {
        guard path.hasPrefix("/"), let file = try? FileDescriptor(opening: path, flags: O_RDONLY | O_NONBLOCK),
            let status = try? file.status()
        else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            sizeBytes = Int64(status.st_size)
            allocatedBytes = Int64(status.st_blocks) * 512
        case S_IFBLK:
            let end = lseek(file.number, 0, SEEK_END)
            guard end >= 0 else { return nil }
            sizeBytes = Int64(end)
        default: return nil
        }
    }

    init(sizeBytes: Int64, allocatedBytes: Int64?) {
        self.sizeBytes = sizeBytes
        self.allocatedBytes = allocatedBytes
    }

    /// Whether tgt exports what the store has now. tgt prints millions of bytes, rounded, of the size at the time when it opened the store.
    func agrees(withMegabytes megabytes: Int64) -> Bool { (sizeBytes + 500_000) / 1_000_000 == megabytes }
}

/// The file system that backing files are made in.
struct BackingDirectory: Equatable, Sendable {
    var totalBytes: Int64
    var freeBytes: Int64
    /// The device's name, e.g. `/dev/vda1`; the file system's type where it has none.
    var source: String

    init(path: String) throws(FileError) {
        let directory = try FileDescriptor(directory: path)
        var status = statvfs()
        guard fstatvfs(directory.number, &status) == 0 else {
            throw .system(operation: "ask for the free space of", path: path, errno: errno)
        }
        totalBytes = Int64(clamping: UInt64(status.f_blocks).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
        freeBytes = min(
            Int64(clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue), totalBytes)
        let device = try directory.status().st_dev
        let mounts = try Self.mounts()
        source = Self.source(of: "\(Self.major(device)):\(Self.minor(device))", in: mounts) ?? "unknown"
    }

    /// The mount source of a device number in `/proc/self/mountinfo`; `none` and the like give way to the file system's type.
    static func source(of device: String, in mounts: String) -> String? {
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 2, fields[2] == device, let dash = fields.firstIndex(of: "-"), fields.count > dash + 2 else { continue }
            return fields[dash + 2].hasPrefix("/") ? String(fields[dash + 2]) : String(fields[dash + 1])
        }
        return nil
    }

    private static func mounts() throws(FileError) -> String {
        // /proc files say that they are empty, and are read to their end.
        String(decoding: try FileDescriptor(opening: "/proc/self/mountinfo", flags: O_RDONLY).readAll(limit: 16 << 20), as: UTF8.self)
    }

    private static func major(_ device: dev_t) -> UInt64 { UInt64(device) >> 8 & 0xFFF | UInt64(device) >> 32 & ~0xFFF }
    private static func minor(_ device: dev_t) -> UInt64 { UInt64(device) & 0xFF | UInt64(device) >> 12 & ~0xFF }
}
