import Identifiers
import StrictJSON

extension Inventory {
    /// A block device: a disk, a partition, or what device-mapper, md or loop make of others.
    package struct BlockDevice: InventoryEntry {
        /// The kernel's: `sda1`, `dm-3`, `nvme0n1`.
        package var name: String
        package var deviceNumber: DeviceNumber?
        /// `disk`, `partition`, `rom`, `tape`, `loop`, `lvm`, `crypt`, `multipath`, `raid`, `dm` and what else lsblk tells apart; lower
        /// case.
        package var kind: String
        package var sizeBytes: Int64?
        package var wwid: WWID?
        package var serial: String?
        package var vendor: String?
        package var model: String?
        package var revision: String?
        /// `fc`, `fcoe`, `iscsi`, `sas`, `sata`, `ata`, `usb`, `nvme`, `virtio`, `spi`, `sbp`, `mmc`, as lsblk tells them apart.
        package var transport: String?
        /// The kernel's names of what it lies on: a partition's disk, a map's paths, a volume's members. Sorted.
        package var parents: [String]
        package var scsiAddress: SCSIAddress?
        package var logicalUnit: LogicalUnit?
        /// Device-mapper's name: `mpatha`, `vg0-home`.
        package var mapName: String?
        /// Device-mapper's UUID: `mpath-3600…`, `LVM-…`.
        package var mapUUID: String?
        /// md's level: `raid1`.
        package var raidLevel: String?
        /// A loop device's file.
        package var backingFile: String?
        /// An NVMe namespace's subsystem.
        package var subsystemNQN: NQN?
        /// In the kernel's words: `running`, `offline`, `live`; `suspended` for a map.
        package var state: String?
        package var readOnly: Bool?
        /// What udev found on it: `ext4`, `LVM2_member`.
        package var content: String?
        package var contentUUID: String?
        /// The label of what is on it: of a file system, a pool, an array.
        package var contentLabel: String?
        /// LVM's names, of a logical volume and of the parts that LVM makes it of.
        package var volumeGroup: String?
        package var logicalVolume: String?
        /// What part of the logical volume it is, in LVM's words: `tdata`, `tmeta`, `tpool`, `cow`, `real`; none where it is the volume.
        package var volumeLayer: String?
        /// `LUKS1`, `LUKS2`, `PLAIN`, as dm-crypt's UUID says.
        package var encryption: String?
        /// What device-mapper makes the map of: `linear`, `thin-pool`, `snapshot`, `multipath`.
        package var targetType: String?
        /// How that target says it is: a thin pool's `rw`, `ro`, `out_of_data_space`; a snapshot's `Invalid`; a raid's `AA`; a vdo's `normal`.
        package var targetState: String?
        /// A multipath map's, or an NVMe namespace's.
        package var pathGroups: [PathGroup]
        /// An md array's.
        package var array: RAIDArray?
        /// What the storage system says of a SCSI path, in the kernel's words: `active/optimized`.
        package var accessState: String?
        /// The storage system would rather have this path used.
        package var preferredPath: Bool?
        /// The SAS address of the port that a SAS disk is behind.
        package var sasAddress: WWN?

        package init(name: String, kind: String, deviceNumber: DeviceNumber? = nil, sizeBytes: Int64? = nil, parents: [String] = []) {
            self.name = name
            self.kind = kind
            self.deviceNumber = deviceNumber
            self.sizeBytes = sizeBytes
            self.parents = parents
            pathGroups = []
        }

        package var key: String { name }
    }
}

extension Inventory.BlockDevice: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("deviceNumber", deviceNumber?.description)
            writer.member("kind", kind)
            writer.member("sizeBytes", sizeBytes)
            writer.member("wwid", wwid?.description)
            writer.member("serial", serial)
            writer.member("vendor", vendor)
            writer.member("model", model)
            writer.member("revision", revision)
            writer.member("transport", transport)
            writer.member("parents", strings: parents)
            writer.member("scsiAddress", scsiAddress?.description)
            writer.member("logicalUnit", logicalUnit)
            writer.member("mapName", mapName)
            writer.member("mapUUID", mapUUID)
            writer.member("raidLevel", raidLevel)
            writer.member("backingFile", backingFile)
            writer.member("subsystemNQN", subsystemNQN?.description)
            writer.member("state", state)
            writer.member("readOnly", readOnly)
            writer.member("content", content)
            writer.member("contentUUID", contentUUID)
            writer.member("contentLabel", contentLabel)
            writer.member("volumeGroup", volumeGroup)
            writer.member("logicalVolume", logicalVolume)
            writer.member("volumeLayer", volumeLayer)
            writer.member("encryption", encryption)
            writer.member("targetType", targetType)
            writer.member("targetState", targetState)
            if !pathGroups.isEmpty { writer.member("pathGroups", array: pathGroups) }
            writer.member("array", array)
            writer.member("accessState", accessState)
            writer.member("preferredPath", preferredPath)
            writer.member("sasAddress", sasAddress?.description)
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        name = try fields.string("name", maximumLength: 255)
        deviceNumber = try fields.optionalParsed("deviceNumber", expected: "a device number as 8:0") { DeviceNumber($0) }
        kind = try fields.string("kind", maximumLength: 64)
        sizeBytes = try fields.optionalInteger("sizeBytes")
        wwid = try fields.optionalParsed("wwid", expected: "a WWID") { WWID($0) }
        serial = try fields.optionalString("serial", maximumLength: 512)
        vendor = try fields.optionalString("vendor", maximumLength: 512)
        model = try fields.optionalString("model", maximumLength: 512)
        revision = try fields.optionalString("revision", maximumLength: 512)
        transport = try fields.optionalString("transport", maximumLength: 64)
        parents = try fields.strings("parents", maximumLength: 255).sorted()
        scsiAddress = try fields.optionalParsed("scsiAddress", expected: "a SCSI address as 6:0:0:1") { SCSIAddress($0) }
        logicalUnit = nil
        if let unit = try fields.optionalFields("logicalUnit") { logicalUnit = try Inventory.LogicalUnit(json: unit) }
        mapName = try fields.optionalString("mapName", maximumLength: 255)
        mapUUID = try fields.optionalString("mapUUID", maximumLength: 255)
        raidLevel = try fields.optionalString("raidLevel", maximumLength: 64)
        backingFile = try fields.optionalString("backingFile", maximumLength: 4096)
        subsystemNQN = try fields.optionalParsed("subsystemNQN", expected: "an NVMe qualified name") { NQN($0) }
        state = try fields.optionalString("state", maximumLength: 64)
        readOnly = try fields.optionalBool("readOnly")
        content = try fields.optionalString("content", maximumLength: 64)
        contentUUID = try fields.optionalString("contentUUID", maximumLength: 255)
        contentLabel = try fields.optionalString("contentLabel", maximumLength: 512)
        volumeGroup = try fields.optionalString("volumeGroup", maximumLength: 255)
        logicalVolume = try fields.optionalString("logicalVolume", maximumLength: 255)
        volumeLayer = try fields.optionalString("volumeLayer", maximumLength: 255)
        encryption = try fields.optionalString("encryption", maximumLength: 64)
        targetType = try fields.optionalString("targetType", maximumLength: 64)
        targetState = try fields.optionalString("targetState", maximumLength: 255)
        pathGroups = try fields.objects("pathGroups", maximumCount: Inventory.PathGroup.maximumGroups) { (group) throws(JSONError) in
            try Inventory.PathGroup(json: group)
        }
        array = nil
        if let object = try fields.optionalFields("array") { array = try Inventory.RAIDArray(json: object) }
        accessState = try fields.optionalString("accessState", maximumLength: 64)
        preferredPath = try fields.optionalBool("preferredPath")
        sasAddress = try fields.optionalParsed("sasAddress", expected: "a SAS address of 64 bits") { WWN($0) }
    }
}
