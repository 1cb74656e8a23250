import Files
import Glibc

/// A file system that hangs, mounted over a directory: FUSE whose server never answers, so that whoever asks waits in the kernel, as on a hard NFS
/// mount without its server. What it covers is back after `end`.
package final class HungMount {
    private let path: String
    private var device: FileDescriptor?

    /// Takes root, and a kernel with FUSE.
    package static var isPossible: Bool { geteuid() == 0 && access("/dev/fuse", R_OK | W_OK) == 0 }

    package init(over path: String) throws(FileError) {
        self.path = path
        let device = try FileDescriptor(opening: "/dev/fuse", flags: O_RDWR)
        let options = "fd=\(device.number),rootmode=40000,user_id=0,group_id=0"
        let result = mount("quartermaster-test", path, "fuse", UInt(MS_NOSUID | MS_NODEV), options)
        guard result == 0 else { throw .system(operation: "mount FUSE over", path: path, errno: errno) }
        self.device = device
    }

    /// Those who wait get an error, those who come see the directory below.
    package func end() {
        guard device != nil else { return }
        umount2(path, Int32(MNT_DETACH))
        device = nil
    }

    deinit { end() }
}
