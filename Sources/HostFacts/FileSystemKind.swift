/// What is known of file-system types by name.
enum FileSystemKind {
    /// Whether a mount without a block device is storage all the same: over the network, or a pool of devices.
    static func isStorage(type: String, source: String) -> Bool {
        isOfNetwork(type) || isPool(type) || isOfNetworkInUserSpace(type) || source.hasPrefix("/dev/")
    }

    /// Whether `statfs` is answered by this kernel alone. A dead server, or a dead process behind FUSE, holds up whoever asks.
    static func answersAtOnce(_ type: String) -> Bool {
        !isOfNetwork(type) && !type.hasPrefix("fuse") && type != "autofs"
    }

    /// Whether it has space of its own to tell of: an overlay has that of what it lies on, which is told there.
    static func hasSpace(_ type: String) -> Bool { type != "overlay" }

    /// Whether `statfs` is answered from memory, without I/O that a dead device could hold up: no thread is needed to ask.
    static func answersFromMemory(_ type: String) -> Bool {
        switch type {
        case "ext2", "ext3", "ext4", "xfs", "tmpfs": true
        default: false
        }
    }

    private static func isOfNetwork(_ type: String) -> Bool {
        switch type {
        case "nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "glusterfs", "lustre", "beegfs", "afs", "coda", "9p", "virtiofs", "orangefs",
            "gpfs", "pvfs2", "ncpfs":
            true
        default: false
        }
    }

    private static func isOfNetworkInUserSpace(_ type: String) -> Bool {
        switch type {
        case "fuse.glusterfs", "fuse.ceph", "fuse.ceph-fuse", "fuse.sshfs", "fuse.s3fs", "fuse.beegfs", "fuse.mfs", "fuse.juicefs": true
        default: false
        }
    }

    private static func isPool(_ type: String) -> Bool { type == "zfs" || type == "btrfs" || type == "bcachefs" }
}
