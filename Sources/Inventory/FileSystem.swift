import Identifiers
import StrictJSON

extension Inventory {
    /// A mounted file system, or a swap area (`mountPoint` is `[SWAP]`, `type` is `swap`).
    package struct FileSystem: InventoryEntry {
        package var mountPoint: String
        package var type: String
        /// What was mounted: `/dev/mapper/vg0-home`, `server:/export`.
        package var source: String
        /// The part of the file system that is mounted here, where it is not all of it: a bind mount or subvolume.
        package var root: String?
        /// The kernel's names of all its members, sorted.
        package var devices: [String]
        package var readOnly: Bool
        package var sizeBytes: Int64?
        /// As df's "Used": with what is available it is less than the size, where some is kept for root.
        package var usedBytes: Int64?
        /// For users other than root.
        package var availableBytes: Int64?
        package var inodes: Int64?
        package var availableInodes: Int64?
        /// The file system's own, as its superblock has it; btrfs's fsid.
        package var uuid: String?
        /// The logical units under it, sorted: what its devices lie on, down to the disks.
        package var wwids: [WWID]
        /// Of a pool that says how it is, in its own words: ZFS's `ONLINE`, `DEGRADED`.
        package var state: String?
        /// The process whose mount it is, by name, where the host's own table does not have it: a container's, or a service's with mounts of
        /// its own.
        package var process: String?

        package init(
            mountPoint: String, type: String, source: String, root: String? = nil, devices: [String] = [], readOnly: Bool = false,
            sizeBytes: Int64? = nil, usedBytes: Int64? = nil, availableBytes: Int64? = nil, inodes: Int64? = nil,
            availableInodes: Int64? = nil, uuid: String? = nil,
            wwids: [WWID] = [], state: String? = nil, process: String? = nil
        ) {
            self.mountPoint = mountPoint
            self.type = type
            self.source = source
            self.root = root
            self.devices = devices
            self.readOnly = readOnly
            self.sizeBytes = sizeBytes
            self.usedBytes = usedBytes
            self.availableBytes = availableBytes
            self.inodes = inodes
            self.availableInodes = availableInodes
            self.uuid = uuid
            self.wwids = wwids
            self.state = state
            self.process = process
        }

        /// A mount point may be covered by a second mount, and every swap area has the same name: the source tells them apart.
        package var key: String { process.map { "\(mountPoint) \(source) \($0)" } ?? "\(mountPoint) \(source)" }

        /// Without the readings that change by themselves.
        package var withoutUsage: FileSystem {
            var result = self
            result.usedBytes = nil
            result.availableBytes = nil
            result.availableInodes = nil
            // Several file systems (btrfs, zfs, xfs) make inodes as they go: their number is a reading too.
            result.inodes = nil
            return result
        }
    }
}

extension Inventory.FileSystem: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("mountPoint", mountPoint)
            writer.member("type", type)
            writer.member("source", source)
            writer.member("root", root)
            writer.member("devices", strings: devices)
            writer.member("readOnly", readOnly)
            writer.member("sizeBytes", sizeBytes)
            writer.member("usedBytes", usedBytes)
            writer.member("availableBytes", availableBytes)
            writer.member("inodes", inodes)
            writer.member("availableInodes", availableInodes)
            writer.member("uuid", uuid)
            if !wwids.isEmpty { writer.member("wwids", strings: wwids.map(\.description)) }
            writer.member("state", state)
            writer.member("process", process)
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        mountPoint = try fields.string("mountPoint", maximumLength: 4096)
        type = try fields.string("type", maximumLength: 255)
        source = try fields.string("source", maximumLength: 4096)
        root = try fields.optionalString("root", maximumLength: 4096)
        devices = try fields.strings("devices", maximumLength: 255).sorted()
        readOnly = try fields.optionalBool("readOnly") ?? false
        sizeBytes = try fields.optionalInteger("sizeBytes")
        usedBytes = try fields.optionalInteger("usedBytes")
        availableBytes = try fields.optionalInteger("availableBytes")
        inodes = try fields.optionalInteger("inodes")
        availableInodes = try fields.optionalInteger("availableInodes")
        uuid = try fields.optionalString("uuid", maximumLength: 255)
        let texts = try fields.strings("wwids", maximumLength: 512)
        wwids = texts.compactMap { WWID($0) }.sorted()
        guard wwids.count == texts.count else { throw .wrongType(path: fields.path("wwids"), expected: "an array of WWIDs") }
        state = try fields.optionalString("state", maximumLength: 64)
        process = try fields.optionalString("process", maximumLength: 64)
    }
}
