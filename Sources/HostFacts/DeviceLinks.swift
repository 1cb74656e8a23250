import Glibc
import Inventory

/// Where a block device stands in sysfs.
struct DeviceLink {
    /// The kernel's: `sda1`.
    let name: String
    /// Nil where only `sys/block` could be read: the device's `dev` then says it.
    let number: DeviceNumber?
    /// From the root, without links: `sys/devices/…/block/sda/sda1`.
    let path: String
    /// The disk's name, for a partition.
    var disk: String?
}

/// Finds every block device, disks and partitions alike.
///
/// `sys/dev/block` has a link for each, named by its number (sysfs-dev). Trees without it are read by `sys/class/block`, then
/// by `sys/block` and the directories of the disks.
package struct DeviceLinks {
    let reader: FactReader

    /// Sorted by name; partitions know their disk.
    func all() -> [DeviceLink] {
        var links = read("sys/dev/block", numbered: true)
        if links.isEmpty { links = read("sys/class/block", numbered: false) }
        if links.isEmpty {
            links = read("sys/block", numbered: false)
            links += links.flatMap(partitions)
        }
        links.sort { $0.name < $1.name }
        // A device that stands twice in a strange tree counts once.
        var unique: [DeviceLink] = []
        unique.reserveCapacity(links.count)
        for link in links where unique.last?.name != link.name { unique.append(link) }
        // Disks stand in a directory `block`, partitions in their disk's.
        let others = unique.indices.filter { !Self.standsInBlock(unique[$0].path, unique[$0].name) }
        if others.isEmpty { return unique }
        let names = NameIndex(unique.map { $0.name })
        for index in others {
            let parent = Self.parent(of: unique[index].path)
            if names[parent] != nil, parent != unique[index].name { unique[index].disk = parent }
        }
        return unique
    }

    private func read(_ path: String, numbered: Bool) -> [DeviceLink] {
        guard let directory = reader.tree.directory(path, listing: true) else {
            if !FactReader.meansAbsent(errno) { reader.note(path, "blockDevices", "unreadable: \(FactText.text(ofErrno: errno))") }
            return []
        }
        var links: [DeviceLink] = []
        reader.eachName(in: directory, "blockDevices") { entry in
            let number = numbered ? MountTable.deviceNumber(entry) : nil
            if numbered, number == nil { return }
            if let link = link(entry, number, in: directory) { links.append(link) }
        }
        return links
    }

    private func link(_ entry: UnsafeRawBufferPointer, _ number: DeviceNumber?, in directory: borrowing Directory) -> DeviceLink? {
        // eachName's names end in a zero byte, just behind the count.
        guard let start = entry.baseAddress else { return nil }
        let name = start.assumingMemoryBound(to: CChar.self)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer in
            guard let target = buffer.baseAddress else { return nil }
            let length = readlinkat(directory.descriptor, name, target, buffer.count)
            if length < 0 {
                // A directory in the place of a link, as older kernels and some captures have it.
                guard errno == EINVAL, number == nil, let text = String(validating: entry, as: UTF8.self) else { return nil }
                return DeviceLink(name: text, number: number, path: "\(directory.path)/\(text)")
            }
            let bytes = UnsafeRawBufferPointer(start: target, count: length)
            guard let path = Self.resolved(bytes, from: directory.path), let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else {
                return nil
            }
            return DeviceLink(name: String(path[path.index(after: slash)...]), number: number, path: path)
        }
    }

    /// The partitions below a disk's directory: entries that begin with its name and have a `partition` attribute.
    private func partitions(of disk: DeviceLink) -> [DeviceLink] {
        guard let directory = reader.tree.directory(disk.path, listing: true) else { return [] }
        return reader.names(in: directory, "partitions").filter { name in
            name.count > disk.name.count && name.hasPrefix(disk.name) && reader.tree.exists("\(disk.path)/\(name)/partition")
        }.map { DeviceLink(name: $0, number: nil, path: "\(disk.path)/\($0)", disk: disk.name) }
    }

    /// A link's target as a path from the root: `..` stays inside, as it does at `/`.
    package static func resolved(_ target: UnsafeRawBufferPointer, from directory: String) -> String? {
        var base: Substring
        var rest = target
        if rest.first == UInt8(ascii: "/") {
            base = ""
            while rest.first == UInt8(ascii: "/") { rest = UnsafeRawBufferPointer(rebasing: rest[1...]) }
        } else {
            base = Substring(directory)
            while rest.count >= 3, rest[0] == UInt8(ascii: "."), rest[1] == UInt8(ascii: "."), rest[2] == UInt8(ascii: "/") {
                base = base.utf8.lastIndex(of: UInt8(ascii: "/")).map { base[..<$0] } ?? ""
                rest = UnsafeRawBufferPointer(rebasing: rest[3...])
            }
        }
        // The kernel's links climb first and then only descend. A tree with other links is not believed.
        if hasDots(rest) { return nil }
        guard !rest.isEmpty, let tail = FactText.exactly(rest) else { return nil }
        return base.isEmpty ? tail : "\(base)/\(tail)"
    }

    /// Whether a component is `.` or `..`.
    private static func hasDots(_ path: UnsafeRawBufferPointer) -> Bool {
        var (dots, length) = (0, 0)
        for byte in path {
            if byte == UInt8(ascii: "/") {
                if length > 0, length == dots, dots <= 2 { return true }
                (dots, length) = (0, 0)
            } else {
                if byte == UInt8(ascii: "."), dots == length { dots += 1 }
                length += 1
            }
        }
        return length > 0 && length == dots && dots <= 2
    }

    private static func standsInBlock(_ path: String, _ name: String) -> Bool {
        path.utf8.count > name.utf8.count + 7 && path.utf8.dropLast(name.utf8.count).suffix(7).elementsEqual("/block/".utf8)
    }

    /// The name of the directory that a path's last component stands in.
    static func parent(of path: String) -> String {
        guard let last = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
        let directory = path[..<last]
        guard let before = directory.utf8.lastIndex(of: UInt8(ascii: "/")) else { return String(directory) }
        return String(directory[directory.index(after: before)...])
    }
}
