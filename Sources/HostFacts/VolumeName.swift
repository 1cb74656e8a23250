/// LVM's names in a map's name: `VG-LV` or `VG-LV-LAYER`, a hyphen inside a name written twice (libdm's `dm_build_dm_name`).
package struct VolumeName: Equatable, Sendable {
    package let volumeGroup: String
    package let logicalVolume: String
    /// `tdata`, `tpool`, `cow`, `real`, …
    package let layer: String?

    /// Nil where the name is none of LVM's.
    package init?(mapName: String) {
        var parts: [[UInt8]] = [[]]
        var rest = mapName.utf8.makeIterator()
        var pending = rest.next()
        while let byte = pending {
            pending = rest.next()
            if byte == UInt8(ascii: "-") {
                if pending == UInt8(ascii: "-") {
                    parts[parts.count - 1].append(byte)
                    pending = rest.next()
                } else {
                    parts.append([])
                }
            } else {
                parts[parts.count - 1].append(byte)
            }
        }
        guard (2...3).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        volumeGroup = String(decoding: parts[0], as: UTF8.self)
        logicalVolume = String(decoding: parts[1], as: UTF8.self)
        layer = parts.count == 3 ? String(decoding: parts[2], as: UTF8.self) : nil
    }
}
