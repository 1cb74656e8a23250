import Identifiers
import Inventory
import StrictJSON

/// How full the host's file systems are, with what lies under each down to the logical unit. `kind` free-space.
package struct FreeSpaceReport: Equatable, Sendable {
    /// When it was measured.
    package var measuredAt: Timestamp
    /// The host is heard at least once in so many seconds; nil where it does not say.
    package var heardWithinSeconds: Int64?
    package var fileSystems: [FileSystemUsage]

    package init(measuredAt: Timestamp, heardWithinSeconds: Int64? = nil, fileSystems: [FileSystemUsage]) {
        self.measuredAt = measuredAt
        self.heardWithinSeconds = heardWithinSeconds
        self.fileSystems = fileSystems
    }

    package struct FileSystemUsage: Equatable, Sendable {
        package var mountPoint: String
        package var type: String
        package var source: String
        package var sizeBytes: Int64
        /// What an unprivileged program may still write.
        package var availableBytes: Int64
        /// Free, including what is kept for root.
        package var freeBytes: Int64?
        package var inodes: Int64?
        package var inodesFree: Int64?
        /// Kernel names of the block devices that the file system lies on, all members.
        package var devices: [String]
        package var logicalUnits: [LogicalUnitUsage]

        package init(
            mountPoint: String, type: String, source: String, sizeBytes: Int64, availableBytes: Int64, freeBytes: Int64?,
            inodes: Int64?, inodesFree: Int64?, devices: [String], logicalUnits: [LogicalUnitUsage]
        ) {
            self.mountPoint = mountPoint
            self.type = type
            self.source = source
            self.sizeBytes = sizeBytes
            self.availableBytes = availableBytes
            self.freeBytes = freeBytes
            self.inodes = inodes
            self.inodesFree = inodesFree
            self.devices = devices
            self.logicalUnits = logicalUnits
        }
    }

    /// A logical unit at the bottom of a file system.
    package struct LogicalUnitUsage: Equatable, Sendable {
        /// The kernel's name of the device, `sda`.
        package var device: String
        package var wwid: WWID?
        package var logicalUnit: Inventory.LogicalUnit?
        package var sizeBytes: Int64?

        package init(device: String, wwid: WWID?, logicalUnit: Inventory.LogicalUnit?, sizeBytes: Int64?) {
            self.device = device
            self.wwid = wwid
            self.logicalUnit = logicalUnit
            self.sizeBytes = sizeBytes
        }
    }
}

extension FreeSpaceReport: JSONReadable, JSONWritable {
    package init(json: JSONFields) throws(JSONError) {
        measuredAt = try json.timestamp("measuredAt")
        heardWithinSeconds = try json.optionalInteger("heardWithinSeconds", in: Registration.silences)
        fileSystems = try json.objects("fileSystems", maximumCount: 10_000) { fields throws(JSONError) in
            try FileSystemUsage(json: fields)
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("measuredAt", measuredAt.description)
            writer.member("heardWithinSeconds", heardWithinSeconds)
            writer.member("fileSystems", array: fileSystems)
        }
    }
}

extension FreeSpaceReport.FileSystemUsage: JSONReadable, JSONWritable {
    package init(json: JSONFields) throws(JSONError) {
        mountPoint = try json.string("mountPoint", maximumLength: 4096)
        type = try json.string("type", maximumLength: 255)
        source = try json.string("source", maximumLength: 4096)
        sizeBytes = try json.integer("sizeBytes")
        availableBytes = try json.integer("availableBytes")
        freeBytes = try json.optionalInteger("freeBytes")
        inodes = try json.optionalInteger("inodes")
        inodesFree = try json.optionalInteger("inodesFree")
        devices = try json.strings("devices", maximumCount: 4096, maximumLength: 256)
        logicalUnits = try json.objects("logicalUnits", maximumCount: 4096) { fields throws(JSONError) in
            try FreeSpaceReport.LogicalUnitUsage(json: fields)
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("mountPoint", mountPoint)
            writer.member("type", type)
            writer.member("source", source)
            writer.member("sizeBytes", sizeBytes)
            writer.member("availableBytes", availableBytes)
            writer.member("freeBytes", freeBytes)
            writer.member("inodes", inodes)
            writer.member("inodesFree", inodesFree)
            writer.member("devices", strings: devices)
            writer.member("logicalUnits", array: logicalUnits)
        }
    }
}

extension FreeSpaceReport.LogicalUnitUsage: JSONReadable, JSONWritable {
    package init(json: JSONFields) throws(JSONError) {
        device = try json.string("device", maximumLength: 256)
        wwid = try json.optionalParsed("wwid", expected: "a WWID") { WWID($0) }
        logicalUnit =
            if let fields = try json.optionalFields("logicalUnit") { try Inventory.LogicalUnit(json: fields) } else { nil }
        sizeBytes = try json.optionalInteger("sizeBytes")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("device", device)
            writer.member("wwid", wwid?.description)
            writer.member("logicalUnit", logicalUnit)
            writer.member("sizeBytes", sizeBytes)
        }
    }
}
