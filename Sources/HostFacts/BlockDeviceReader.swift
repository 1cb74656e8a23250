import Glibc
import Identifiers
import Inventory

/// Reads the block devices, in one pass over their names in order.
struct BlockDeviceReader {
    let reader: FactReader
    private let objects: TransportObjects
    private var transports: SCSITransports
    private var nvme: NVMeReader
    private let udev: UdevDatabase

    init(reader: FactReader, objects: TransportObjects) {
        self.reader = reader
        self.objects = objects
        transports = SCSITransports(reader: reader, objects: objects)
        nvme = NVMeReader(reader: reader, objects: objects)
        udev = UdevDatabase(reader: reader)
    }

    /// Sorted by name. Left out, as by lsblk: hidden paths of native NVMe multipath, RAM disks, loop devices without a file.
    mutating func all() -> [Inventory.BlockDevice] {
        var devices = inParts(DeviceLinks(reader: reader).all())
        // They have no slaves: udev's rule for zvols makes the links that say whose they are.
        if devices.contains(where: { $0.name.hasPrefix("zd") }) { udev.completeVolumesOfPools(&devices) }
        return devices
    }

    private mutating func inParts(_ links: [DeviceLink]) -> [Inventory.BlockDevice] {
        // A trace tells of one attempt after the other.
        let parts = reader.trace == nil ? Workers.parts(for: links.count, least: 250) : 1
        if parts == 1 { return read(links[...]) }
        let (tree, objects) = (reader.tree, objects)
        let results = Workers.map(parts: parts) { part in
            let reader = FactReader(tree: tree)
            var devices = BlockDeviceReader(reader: reader, objects: objects)
            let read = devices.read(links[links.count * part / parts..<links.count * (part + 1) / parts])
            return (devices: read, problems: reader.problems)
        }
        for result in results { reader.note(result.problems) }
        return results.flatMap(\.devices)
    }

    private mutating func read(_ links: ArraySlice<DeviceLink>) -> [Inventory.BlockDevice] {
        var devices: [Inventory.BlockDevice] = []
        devices.reserveCapacity(links.count)
        for link in links {
            if let device = device(link) { devices.append(device) }
        }
        return devices
    }

    private mutating func device(_ link: DeviceLink) -> Inventory.BlockDevice? {
        if link.number?.major == Self.ramMajor { return nil }
        reader.trace?.subject = link.name
        let path = link.disk == nil ? DevicePath(link.path) : nil
        if let path, let address = path.scsiAddress, let below = path.device {
            guard let unit = directory(below), let directory = directory(link, below: unit) else { return nil }
            guard var device = device(link, in: directory) else { return nil }
            device.scsiAddress = address
            device.transport = transports.transport(path, address)
            device.logicalUnit = transports.logicalUnit(path, address, transport: device.transport)
            if device.transport == "sas" { device.sasAddress = transports.sasAddress(path) }
            let faults = reader.problems.count
            let scsi = SCSIDeviceReader(reader: reader)
            scsi.read(&device, in: unit)
            if device.logicalUnit != nil { scsi.readAccess(&device, in: unit) }
            let serial = device.serial
            udev.complete(&device)
            // A disk whose own name could not be read is not given another.
            if device.wwid == nil, reader.problems.count == faults, let serial { device.wwid = named(device, serial) }
            return device
        }
        guard let directory = directory(link.path), var device = device(link, in: directory) else { return nil }
        if let disk = link.disk {
            device.kind = "partition"
            device.parents = [disk]
            reader.trace?.add("parents", link.path, "stands below \(disk)")
        } else if let path {
            guard wholeDisk(&device, path, directory) else { return nil }
        }
        udev.complete(&device)
        return device
    }

    /// A device that went between the listing and now is no problem: it is not there.
    private func directory(_ path: String) -> Directory? {
        if let directory = reader.tree.directory(path) { return directory }
        if !FactReader.meansAbsent(errno) { reader.note(path, "name", "unreadable: \(FactText.text(ofErrno: errno))") }
        return nil
    }

    /// The block device's directory, from that of the unit that it stands below: its path is the unit's and some more.
    private func directory(_ link: DeviceLink, below unit: borrowing Directory) -> Directory? {
        let rest = String(link.path.utf8.dropFirst(unit.path.utf8.count + 1)) ?? ""
        if let directory = reader.tree.directory(rest, below: unit) { return directory }
        if !FactReader.meansAbsent(errno) { reader.note(link.path, "name", "unreadable: \(FactText.text(ofErrno: errno))") }
        return nil
    }

    /// What every block device has.
    private func device(_ link: DeviceLink, in directory: borrowing Directory) -> Inventory.BlockDevice? {
        let number =
            link.number ?? reader.parsed("dev", "deviceNumber", in: directory, expected: "a device number as 8:0", MountTable.deviceNumber)
        if number?.major == Self.ramMajor { return nil }
        var device = Inventory.BlockDevice(name: link.name, kind: "disk", deviceNumber: number)
        if let number { reader.trace?.add("deviceNumber", "sys/dev/block/\(number)", "\(number) is \(link.path)") }
        device.sizeBytes = sectors(in: directory)
        // Many hosts have a handful of loop devices, and no file in any.
        if device.sizeBytes == 0, link.disk == nil, link.name.hasPrefix("loop"), backingFile(in: directory) == nil { return nil }
        device.readOnly = reader.parsed("ro", "readOnly", in: directory, expected: "0 or 1", FactText.flag)
        return device
    }

    /// False for what is left out.
    private mutating func wholeDisk(_ device: inout Inventory.BlockDevice, _ path: DevicePath, _ directory: borrowing Directory) -> Bool {
        if device.name.hasPrefix("dm-") {
            device.parents = slaves(directory)
            DeviceMapperReader(reader: reader).read(&device, in: directory)
            return true
        }
        if reader.parsed("hidden", "hidden", in: directory, expected: "0 or 1", FactText.flag) == true { return false }
        if device.name.hasPrefix("nvme") {
            device.transport = "nvme"
            nvme.read(&device, path, in: directory)
            return true
        }
        device.parents = slaves(directory)
        if device.name.hasPrefix("loop") {
            device.kind = "loop"
            device.backingFile = backingFile(in: directory)
            return true
        }
        if device.name.hasPrefix("md") {
            ArrayReader(reader: reader).read(&device, in: directory)
            return true
        }
        named(&device, directory)
        if device.name.hasPrefix("vd") { device.transport = "virtio" }
        if device.name.hasPrefix("mmcblk") { device.transport = "mmc" }
        device.serial = reader.text("serial", "serial", in: directory)
        if !path.isVirtual, let below = path.device, let unit = reader.tree.directory(below) {
            device.vendor = reader.text("vendor", "vendor", in: unit)
            device.model = reader.text("model", "model", in: unit)
            device.serial = device.serial ?? reader.text("serial", "serial", in: unit)
        }
        return true
    }

    /// The last resort for a disk without page 0x83: the T10 vendor ID that SPC-5 (section 7.7.6.4) has a vendor make of vendor, product and serial
    /// number. A stick's serial number is often everybody's.
    private func named(_ device: Inventory.BlockDevice, _ serial: String) -> WWID? {
        guard device.kind == "disk", device.transport != "usb", let vendor = device.vendor, let model = device.model else { return nil }
        func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.utf8.count)) }
        let wwid = WWID("t10." + padded(vendor, 8) + padded(model, 16) + serial)
        reader.trace?.add(
            "wwid", "sys/dev/block/\(device.deviceNumber?.description ?? device.name)/device/vendor",
            "with model and serial number: \(wwid?.description ?? "no name")")
        return wwid
    }

    /// What a driver of a few devices says in a place of its own.
    private func named(_ device: inout Inventory.BlockDevice, _ directory: borrowing Directory) {
        if device.name.hasPrefix("zram") {
            let backing = reader.text("backing_dev", "backingFile", in: directory)
            device.backingFile = backing == "none" ? nil : backing
        } else if device.name.hasPrefix("bcache") {
            // `bcache` is a link to the backing device's own directory.
            device.state = reader.text(file: "\(directory.path)/bcache/state", "state")
        } else if device.name.hasPrefix("drbd"), let minor = device.deviceNumber?.minor {
            device.state =
                reader.whole(file: "proc/drbd", "state") { bytes in
                    ReplicationTable.state(ofMinor: minor, in: bytes).map { .value($0) } ?? .nothing
                }
        }
    }

    private func backingFile(in directory: borrowing Directory) -> String? {
        reader.text("loop/backing_file", "backingFile", in: directory)
    }

    /// sysfs counts `size` in units of 512 bytes, whatever the device's own blocks are.
    private func sectors(in directory: borrowing Directory) -> Int64? {
        reader.parsed("size", "sizeBytes", in: directory, expected: "a number of sectors") { bytes in
            FactText.decimal(bytes).flatMap { $0 <= Int64.max >> 9 ? $0 << 9 : nil }
        }
    }

    /// The names of the devices that this one lies on, sorted.
    private func slaves(_ directory: borrowing Directory) -> [String] {
        guard let slaves = reader.tree.directory("slaves", below: directory, listing: true) else {
            if !FactReader.meansAbsent(errno) {
                reader.note("\(directory.path)/slaves", "parents", "unreadable: \(FactText.text(ofErrno: errno))")
            }
            return []
        }
        let names = reader.names(in: slaves, "parents")
        reader.trace?.add("parents", slaves.path, names.isEmpty ? "none" : names.joined(separator: " "))
        return names
    }

    private static let ramMajor: UInt32 = 1
}
