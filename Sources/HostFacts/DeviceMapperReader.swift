import Identifiers
import Inventory

/// Reads a map's `dm` directory. The UUID's prefix names the subsystem that made it: `LVM-`, `CRYPT-`, `mpath-`, `part1-mpath-`, `DMRAID-`.
struct DeviceMapperReader {
    let reader: FactReader

    func read(_ device: inout Inventory.BlockDevice, in directory: borrowing Directory) {
        device.mapName = reader.text("dm/name", "mapName", in: directory)
        device.mapUUID = reader.text("dm/uuid", "mapUUID", in: directory)
        device.kind = device.mapUUID.map(Self.kind) ?? "dm"
        if device.kind == "multipath", let uuid = device.mapUUID {
            device.wwid = WWID(String(uuid.dropFirst("mpath-".count)))
            if let wwid = device.wwid { reader.trace?.add("wwid", "\(directory.path)/dm/uuid", wwid.description) }
        }
        if device.mapUUID?.hasPrefix("LVM-") == true, let name = device.mapName.flatMap({ VolumeName(mapName: $0) }) {
            device.volumeGroup = name.volumeGroup
            device.logicalVolume = name.logicalVolume
            device.volumeLayer = name.layer ?? device.mapUUID.flatMap(Self.layer)
        }
        device.encryption = device.mapUUID.flatMap(Self.encryption)
        let suspended = reader.parsed("dm/suspended", "state", in: directory, expected: "0 or 1", FactText.flag)
        device.state = suspended.map { $0 ? "suspended" : "running" }
    }

    /// What LVM writes behind the two UUIDs of volume group and logical volume, 32 characters each: `LVM-…-tdata`, on its hidden volumes.
    static func layer(ofUUID uuid: String) -> String? {
        let suffix = uuid.utf8.dropFirst("LVM-".utf8.count + 64)
        return suffix.first == UInt8(ascii: "-") && suffix.count > 1 ? String(suffix.dropFirst()) : nil
    }

    /// cryptsetup's UUIDs: `CRYPT-LUKS2-…`, `CRYPT-PLAIN-…`. dm-verity's begin like them, and encrypt nothing.
    static func encryption(ofUUID uuid: String) -> String? {
        guard uuid.hasPrefix("CRYPT-") else { return nil }
        let parts = uuid.split(separator: "-", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "CRYPT", parts[1] != "VERITY", parts[1] != "INTEGRITY", parts[1] != "SUBDEV" else { return nil }
        return String(parts[1])
    }

    /// In lsblk's words, but for `mpath` and `part`, which this project spells out.
    static func kind(ofUUID uuid: String) -> String {
        let prefix = String(Substring(uuid.utf8.prefix { $0 != UInt8(ascii: "-") })).lowercased()
        if prefix == "mpath" { return "multipath" }
        if prefix.hasPrefix("part") { return "partition" }
        return prefix.isEmpty ? "dm" : prefix
    }
}
