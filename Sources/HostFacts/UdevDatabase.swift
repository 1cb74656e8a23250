import CLinux
import Glibc
import Identifiers
import Inventory

/// Completes block devices by what udev noted of them: contents, and what sysfs did not say.
///
/// A captured tree without `run/udev/data` may have its properties as text in `dev/NAME`, as lsblk's test captures do.
final class UdevDatabase {
    /// A record has some dozens of properties and links; one with hundreds of links, as of a shared optical drive, is still far below this.
    static let recordLimit = 256 << 10

    private let reader: FactReader
    /// Of `run/udev/data`; -1 where there is none.
    private let directory: Int32
    private let hasPropertyFiles: Bool

    init(reader: FactReader) {
        self.reader = reader
        let tree = reader.tree
        directory = quartermaster_open_in(tree.root, "run/udev/data", O_DIRECTORY | quartermaster_o_path, tree.fromRoot)
        hasPropertyFiles = directory < 0 && !reader.tree.isLive && reader.tree.exists("dev")
    }

    deinit { if directory >= 0 { close(directory) } }

    func complete(_ device: inout Inventory.BlockDevice) {
        guard let reading = reading(of: device) else { return }
        switch reading {
        case .value(let bytes): apply(hasPropertyFiles ? UdevRecord(properties: bytes) : UdevRecord(bytes), &device)
        case .absent: break
        case .unreadable(let errno): reader.note(path(of: device), "udev", "unreadable: \(FactText.text(ofErrno: errno))")
        case .tooLong(let limit): reader.note(path(of: device), "udev", "malformed: longer than \(limit) bytes")
        case .notRegular: reader.note(path(of: device), "udev", "malformed: not a regular file")
        }
    }

    private func reading(of device: Inventory.BlockDevice) -> FactReader.Reading? {
        if directory >= 0 {
            guard let number = device.deviceNumber else { return nil }
            return ("b" + number.description).withCString { reader.read(name: $0, in: directory, limit: Self.recordLimit) }
        }
        guard hasPropertyFiles else { return nil }
        let path = path(of: device)
        // In another system's root the device itself may stand there, which is not opened.
        guard reader.tree.isRegular(path) else { return nil }
        return reader.readFile(path, limit: Self.recordLimit)
    }

    private func path(of device: Inventory.BlockDevice) -> String {
        if directory >= 0 { return "run/udev/data/b\(device.deviceNumber?.description ?? "")" }
        return "dev/" + (device.mapName.map { "mapper/\($0)" } ?? device.name)
    }

    private func apply(_ record: UdevRecord, _ device: inout Inventory.BlockDevice) {
        if let line = record.malformedLine { reader.note(path(of: device), "udev", "malformed: line \(line) is no letter, colon and text") }
        device.content = text(record.content, "content", device)
        device.contentUUID = text(record.contentUUID, "contentUUID", device)
        device.contentLabel = text(record.contentLabel, "contentLabel", device)
        guard device.kind != "partition" else { return }
        if device.serial == nil { device.serial = text(record.scsiSerial ?? record.serialShort, "serial", device) }
        if device.wwid == nil { device.wwid = text(record.wwnWithExtension ?? record.wwn, "wwid", device).flatMap { WWID($0) } }
        if device.vendor == nil { device.vendor = text(record.vendor, "vendor", device) }
        if device.model == nil { device.model = text(record.model, "model", device) }
        if device.revision == nil { device.revision = text(record.revision, "revision", device) }
    }

    private func text(_ value: UnsafeRawBufferPointer?, _ field: StaticString, _ device: borrowing Inventory.BlockDevice) -> String? {
        guard let value else { return nil }
        switch FactText.string(value) {
        case .value(let text):
            reader.trace?.add(field, path(of: copy device), text)
            return text
        case .nothing: return nil
        case .malformed(let reason):
            reader.note(path(of: copy device), field, "malformed: \(reason)")
            return nil
        }
    }

    /// ZFS's volumes lie on the members of their pool, as a link of each says: `zvol/POOL/NAME`, from OpenZFS's rule 60-zvol.
    func completeVolumesOfPools(_ devices: inout [Inventory.BlockDevice]) {
        let members = devices.members(ofPoolsOn: "zfs_member")
        for index in devices.indices where devices[index].name.hasPrefix("zd") && devices[index].parents.isEmpty {
            guard directory >= 0, case .value(let bytes)? = reading(of: devices[index]) else { continue }
            var pool: String?
            UdevRecord.eachLink(bytes) { link in
                let parts = FactText.valid(link)?.split(separator: "/") ?? []
                if parts.count > 2, parts[0] == "zvol" { pool = String(parts[1]) }
            }
            guard let pool, let parents = members[pool] else { continue }
            devices[index].parents = parents
            reader.trace?.subject = devices[index].name
            reader.trace?.add("parents", path(of: devices[index]), "a volume of the pool \(pool): \(parents.joined(separator: " "))")
        }
    }

    /// The devices that links below /dev lead to, by link: `vg0/home` → `253:3`. For mounts whose source is such a link.
    func links() -> (index: NameIndex, numbers: [DeviceNumber]) {
        var (index, numbers): (NameIndex, [DeviceNumber]) = (NameIndex(), [])
        for name in reader.names("run/udev/data", "udev") where name.hasPrefix("b") {
            guard let number = DeviceNumber(name.dropFirst()) else { continue }
            guard case .value(let bytes) = reader.readFile("run/udev/data/\(name)", limit: Self.recordLimit) else { continue }
            UdevRecord.eachLink(bytes) { link in
                if let text = FactText.valid(link) { index.set(text, to: numbers.count) }
            }
            numbers.append(number)
        }
        return (index, numbers)
    }
}

extension [Inventory.BlockDevice] {
    /// The devices on which udev found a member of a pool, sorted, by the pool: a member's label is its pool's name.
    func members(ofPoolsOn content: String) -> [String: [String]] {
        Dictionary(grouping: filter { $0.content == content && $0.contentLabel != nil }, by: { $0.contentLabel ?? "" })
            .mapValues { $0.map(\.name).sorted() }
    }
}
