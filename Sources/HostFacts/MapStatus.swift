import Inventory
import StrictJSON

/// A device-mapper map with what its targets say of themselves (`dmsetup status`).
package struct MapStatus: Equatable, Sendable {
    /// A table has as many; of larger ones the first are told.
    package static let maximumTargets = 1024
    /// The longest status is that of a multipath map: 60 bytes for each path.
    package static let maximumStatus = 64 << 10

    package struct Target: Equatable, Sendable {
        /// In units of 512 bytes.
        package var startSector: Int64
        package var sectors: Int64
        /// `multipath`, `linear`, `thin-pool`; at most 15 bytes (struct dm_target_spec).
        package var type: String
        /// In the target's own words; empty for many.
        package var status: String

        package init(startSector: Int64, sectors: Int64, type: String, status: String) {
            self.startSector = startSector
            self.sectors = sectors
            self.type = type
            self.status = status
        }
    }

    package var name: String
    /// Nil in a captured tree, whose text does not have it.
    package var deviceNumber: DeviceNumber?
    package var targets: [Target]

    package init(name: String, deviceNumber: DeviceNumber? = nil, targets: [Target] = []) {
        self.name = name
        self.deviceNumber = deviceNumber
        self.targets = targets
    }
}

extension MapStatus {
    /// What `dmsetup status` prints, a line for each target: `name: start length type status…`. The maps in order, and the numbers of lines
    /// that are none, from 1.
    package static func parse(_ bytes: UnsafeRawBufferPointer) -> (maps: [MapStatus], malformedLines: [Int]) {
        var maps: [MapStatus] = []
        var malformed: [Int] = []
        var number = 0
        for line in Lines(bytes) {
            number += 1
            if line.isEmpty || FactText.equal(line, "No devices found") { continue }
            guard maps.count < PrivilegedFacts.maximumEntries, let (name, rest) = Self.name(of: line) else {
                if malformed.count < 100 { malformed.append(number) }
                continue
            }
            let known = maps.last?.name == name
            if !known { maps.append(MapStatus(name: name)) }
            // A map without a table has a line without a target.
            if FactText.trimmed(rest).isEmpty { continue }
            guard let target = Self.target(rest) else {
                if malformed.count < 100 { malformed.append(number) }
                continue
            }
            if maps[maps.count - 1].targets.count < maximumTargets { maps[maps.count - 1].targets.append(target) }
        }
        return (maps.sorted { $0.name < $1.name }, malformed)
    }

    private static func name(of line: UnsafeRawBufferPointer) -> (String, UnsafeRawBufferPointer)? {
        guard let (name, rest) = line.split(at: UInt8(ascii: ":")), let text = FactText.valid(name), text.utf8.count <= 255 else {
            return nil
        }
        return (text, rest)
    }

    private static func target(_ text: UnsafeRawBufferPointer) -> Target? {
        var fields = Fields(text)
        guard let start = fields.next().flatMap(FactText.decimal), let sectors = fields.next().flatMap(FactText.decimal),
            let type = fields.next().flatMap(FactText.valid), type.utf8.count <= 15
        else { return nil }
        return Target(startSector: start, sectors: sectors, type: type, status: status(fields.remainder))
    }

    /// Empty where it is none that can be told.
    fileprivate static func status(_ bytes: UnsafeRawBufferPointer) -> String {
        guard let text = FactText.valid(bytes), text.utf8.count <= maximumStatus else { return "" }
        return text
    }
}

extension MapStatus {
    /// The answer to DM_LIST_DEVICES, a chain of `struct dm_name_list`: device (8 bytes), offset of the next from this one (4, zero in the
    /// last), name ending in a zero byte.
    package static func devices(_ payload: UnsafeRawBufferPointer) -> [(name: String, number: DeviceNumber)]? {
        var found: [(name: String, number: DeviceNumber)] = []
        var offset = 0
        while offset + 12 < payload.count, found.count < PrivilegedFacts.maximumEntries {
            let device = payload.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let next = Int(payload.loadUnaligned(fromByteOffset: offset + 8, as: UInt32.self))
            let name = UnsafeRawBufferPointer(rebasing: payload[(offset + 12)...].prefix { $0 != 0 })
            // The kernel's answer without a map is one entry of device 0.
            if device == 0 { return found }
            guard let text = String(validating: name, as: UTF8.self) else { return nil }
            found.append((text, DeviceNumber(encoded: device)))
            if next == 0 { return found }
            guard next > 12 else { return nil }
            offset += next
        }
        return payload.isEmpty ? [] : nil
    }

    /// The answer to DM_TABLE_STATUS, `count` times `struct dm_target_spec`: start and length (8 bytes each), an unused number (4), offset of the
    /// next from the payload's start (4), type (16, ending in a zero byte), then the status, ending in a zero byte.
    package static func targets(_ payload: UnsafeRawBufferPointer, count: Int) -> [Target]? {
        var targets: [Target] = []
        var offset = 0
        while targets.count < min(count, maximumTargets) {
            guard offset >= 0, offset + 40 <= payload.count else { return nil }
            let start = payload.loadUnaligned(fromByteOffset: offset, as: Int64.self)
            let sectors = payload.loadUnaligned(fromByteOffset: offset + 8, as: Int64.self)
            let next = Int(payload.loadUnaligned(fromByteOffset: offset + 20, as: UInt32.self))
            let type = UnsafeRawBufferPointer(rebasing: payload[(offset + 24)..<(offset + 40)].prefix { $0 != 0 })
            let text = UnsafeRawBufferPointer(rebasing: payload[(offset + 40)...].prefix { $0 != 0 })
            guard start >= 0, sectors >= 0, let name = FactText.valid(type) else { return nil }
            targets.append(Target(startSector: start, sectors: sectors, type: name, status: status(text)))
            guard next > offset || targets.count == count else { return nil }
            offset = next
        }
        return targets
    }
}

extension MapStatus: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("deviceNumber", deviceNumber?.description)
            writer.member("targets", array: targets)
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        name = try fields.string("name", maximumLength: 255)
        deviceNumber = try fields.optionalParsed("deviceNumber", expected: "a device number as 253:0") { DeviceNumber($0) }
        targets = try fields.objects("targets", maximumCount: Self.maximumTargets) { (target) throws(JSONError) in try Target(json: target)
        }
    }
}

extension MapStatus.Target: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("startSector", startSector)
            writer.member("sectors", sectors)
            writer.member("type", type)
            writer.member("status", status)
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        startSector = try fields.integer("startSector")
        sectors = try fields.integer("sectors")
        type = try fields.string("type", maximumLength: 64)
        status = try fields.string("status", maximumLength: MapStatus.maximumStatus)
    }
}
