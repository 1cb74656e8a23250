import Foundation

/// Makes a root with sys, proc, etc and run/udev in a fresh directory, with links as the kernel has them. Removed at the end of its life.
final class TreeBuilder {
    let root: String

    init() throws {
        root = NSTemporaryDirectory() + "quartermaster-tree-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func file(_ path: String, _ text: String) throws { try file(path, bytes: Array(text.utf8)) }

    func file(_ path: String, bytes: [UInt8]) throws {
        try directory((path as NSString).deletingLastPathComponent)
        try Data(bytes).write(to: URL(fileURLWithPath: "\(root)/\(path)"))
    }

    /// Files of one directory, a newline behind each text, as sysfs has it.
    func attributes(_ directory: String, _ values: KeyValuePairs<String, String>) throws {
        for (name, value) in values { try file("\(directory)/\(name)", value + "\n") }
    }

    func directory(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: "\(root)/\(path)", withIntermediateDirectories: true)
    }

    func link(_ path: String, to target: String) throws {
        try directory((path as NSString).deletingLastPathComponent)
        try FileManager.default.createSymbolicLink(atPath: "\(root)/\(path)", withDestinationPath: target)
    }

    /// A relative link to another path of the tree, as sysfs makes them.
    func link(_ path: String, toPath target: String) throws {
        let climb = String(repeating: "../", count: path.split(separator: "/").count - 1)
        try link(path, to: climb + target)
    }

    func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: "\(root)/\(path)") }

    // MARK: Block devices

    private var paths: [String: String] = [:]

    /// A whole device at `path` (below sys, with its name last), in sys/block and sys/dev/block.
    func device(_ path: String, number: String, sectors: Int) throws {
        let name = (path as NSString).lastPathComponent
        paths[name] = path
        try attributes(path, ["dev": number, "size": "\(sectors)", "ro": "0", "hidden": "0", "removable": "0"])
        try directory("\(path)/holders")
        try directory("\(path)/slaves")
        try attributes("\(path)/queue", ["rotational": "0", "logical_block_size": "512"])
        try link("sys/block/\(name)", toPath: path)
        try link("sys/dev/block/\(number)", toPath: path)
    }

    func partition(_ index: Int, of disk: String, number: String, sectors: Int) throws {
        let name = disk.last?.isNumber == true ? "\(disk)p\(index)" : "\(disk)\(index)"
        let path = "\(paths[disk] ?? "")/\(name)"
        paths[name] = path
        try attributes(path, ["dev": number, "size": "\(sectors)", "ro": "0", "partition": "\(index)", "start": "2048"])
        try directory("\(path)/holders")
        try link("sys/dev/block/\(number)", toPath: path)
    }

    /// A SCSI disk at `unit` (`sys/devices/…/6:0:0:1`).
    func scsiDisk(
        _ name: String, number: String, unit: String, sectors: Int, wwid: String?, serial: String?, vendor: String = "QMASTER ",
        model: String = "VIRTUAL-DISK    ", type: Int = 0
    ) throws {
        try attributes(
            unit, ["vendor": vendor, "model": model, "rev": "0001", "state": "running", "type": "\(type)"])
        if let wwid { try file("\(unit)/wwid", wwid + "\n") }
        if let serial { try file("\(unit)/vpd_pg80", bytes: [0, 0x80, 0, UInt8(serial.utf8.count)] + Array(serial.utf8)) }
        let path = "\(unit)/block/\(name)"
        try device(path, number: number, sectors: sectors)
        try link("\(path)/device", toPath: unit)
    }

    /// `holder` lies on `members`.
    func stack(_ holder: String, on members: [String]) throws {
        for member in members {
            guard let above = paths[holder], let below = paths[member] else { continue }
            try link("\(above)/slaves/\(member)", toPath: below)
            try link("\(below)/holders/\(holder)", toPath: above)
        }
    }

    /// A device-mapper map.
    func map(_ minor: Int, name: String, uuid: String, sectors: Int, on members: [String]) throws {
        let path = "sys/devices/virtual/block/dm-\(minor)"
        try device(path, number: "253:\(minor)", sectors: sectors)
        try attributes("\(path)/dm", ["name": name, "uuid": uuid, "suspended": "0"])
        try stack("dm-\(minor)", on: members)
    }

    // MARK: The rest of a host

    func host(_ name: String, mountinfo: String, swaps: String = "") throws {
        try file("proc/sys/kernel/hostname", name + "\n")
        try file("proc/sys/kernel/osrelease", "6.1.0-28-amd64\n")
        try file("proc/sys/kernel/arch", "x86_64\n")
        try file("proc/stat", "cpu  1 2 3\nbtime 1763600000\nprocesses 4711\n")
        try file("proc/self/mountinfo", mountinfo)
        try file("proc/swaps", "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n" + swaps)
        try file("etc/machine-id", "0123456789abcdef0123456789abcdef\n")
        try file("usr/lib/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n")
        try link("etc/os-release", to: "../usr/lib/os-release")
    }
}
