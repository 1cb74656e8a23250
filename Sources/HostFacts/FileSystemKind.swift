/// What is known of file-system types by name. A type that is not known is taken for storage that somebody else serves: told, and never asked.
enum FileSystemKind {
    /// Whether a mount without a block device is storage all the same: over the network, from another process, or a pool of devices.
    static func isStorage(type: String) -> Bool { !isOfKernel(type) && !isStacked(type) }

    /// Whether `statfs` is answered by this kernel alone. A dead server, or a dead process behind FUSE, holds up whoever asks.
    static func answersAtOnce(_ type: String) -> Bool {
        isOfKernel(type) && type != "autofs" || isLocal(type) || type == "overlay"
    }

    /// Whether it has space of its own to tell of: an overlay has that of what it lies on, which is told there.
    static func hasSpace(_ type: String) -> Bool { type != "overlay" }

    /// Whether `statfs` is answered from memory, without I/O that a dead device could hold up: no thread is needed to ask. XFS is not among them: in
    /// Linux 5.14 to 5.18 `xfs_fs_statfs` waits for inodes that are being freed, which needs the device.
    static func answersFromMemory(_ type: String) -> Bool {
        switch type {
        case "ext2", "ext3", "ext4", "tmpfs": true
        default: false
        }
    }

    /// The kernel's own, in memory: windows on its state, and what goes with the machine.
    private static func isOfKernel(_ type: String) -> Bool {
        switch type {
        case "apparmorfs", "autofs", "bdev", "binder", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "cpuset", "debugfs", "devpts",
            "devtmpfs", "dlmfs", "efivarfs", "functionfs", "fusectl", "gadgetfs", "guest_memfd", "hugetlbfs", "ipathfs", "mqueue", "nfsd",
            "nsfs", "ocfs2_dlmfs", "oprofilefs", "pidfs", "pipefs", "proc", "pstore", "ramfs", "resctrl", "rootfs", "rpc_pipefs",
            "secretmem", "securityfs", "selinuxfs", "smackfs", "sockfs", "spufs", "sysfs", "tmpfs", "tracefs", "usbfs", "xenfs":
            true
        default: false
        }
    }

    /// Windows on what is mounted elsewhere, and is told there. What adds to it (a union, encryption) is told by name, if no device is under it.
    private static func isStacked(_ type: String) -> Bool {
        switch type {
        case "shiftfs", "fuse.lxcfs", "fuse.portal", "fuse.gvfsd-fuse": true
        default: false
        }
    }

    /// On this machine's devices, by this kernel.
    private static func isLocal(_ type: String) -> Bool {
        switch type {
        case "adfs", "affs", "bcachefs", "befs", "bfs", "btrfs", "cramfs", "erofs", "exfat", "ext2", "ext3", "ext4", "f2fs", "hfs",
            "hfsplus", "hpfs", "iso9660", "jffs2", "jfs", "minix", "msdos", "nilfs2", "ntfs", "ntfs3", "ocfs2", "gfs2", "omfs", "qnx4",
            "qnx6", "reiserfs", "romfs", "squashfs", "sysv", "ubifs", "udf", "ufs", "vfat", "vxfs", "xfs", "zfs", "zonefs":
            true
        default: false
        }
    }
}
