/// A device's entry in udev's database (`run/udev/data/b8:0`): lines of a letter, a colon and a text.
///
/// `E:KEY=VALUE` is a property, `S:disk/by-id/…` a link below /dev; the others (`I:` time, `L:` link priority, `G:` and `Q:` tags, `V:`
/// version, `W:` watch, `N:`, `D:`) are passed over. Values stay in the bytes that were read.
package struct UdevRecord {
    /// ID_FS_TYPE: `ext4`, `LVM2_member`.
    package private(set) var content: UnsafeRawBufferPointer?
    package private(set) var contentUUID: UnsafeRawBufferPointer?
    /// ID_FS_LABEL, with underscores in place of what udev takes for unsafe.
    package private(set) var contentLabel: UnsafeRawBufferPointer?
    /// ID_SCSI_SERIAL, the unit's own number from page 0x80.
    package private(set) var scsiSerial: UnsafeRawBufferPointer?
    package private(set) var serialShort: UnsafeRawBufferPointer?
    package private(set) var wwnWithExtension: UnsafeRawBufferPointer?
    package private(set) var wwn: UnsafeRawBufferPointer?
    package private(set) var vendor: UnsafeRawBufferPointer?
    package private(set) var model: UnsafeRawBufferPointer?
    package private(set) var revision: UnsafeRawBufferPointer?
    /// The number of the first line that is none of the above, from 1.
    package private(set) var malformedLine: Int?

    /// A record as udev writes it.
    package init(_ bytes: UnsafeRawBufferPointer) {
        var number = 0
        for line in Lines(bytes) {
            number += 1
            if line.isEmpty { continue }
            guard line.count >= 2, line[1] == UInt8(ascii: ":"), (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(line[0]) else {
                malformedLine = malformedLine ?? number
                continue
            }
            guard line[0] == UInt8(ascii: "E") else { continue }
            if !property(UnsafeRawBufferPointer(rebasing: line[2...])) { malformedLine = malformedLine ?? number }
        }
    }

    /// The properties alone, `KEY=VALUE` a line, as `udevadm info --query=property` prints them: captured trees keep them as `dev/NAME`.
    package init(properties bytes: UnsafeRawBufferPointer) {
        for line in Lines(bytes) {
            let start = FactText.starts(line, with: "E: ") ? 3 : 0
            _ = property(UnsafeRawBufferPointer(rebasing: line[start...]))
        }
    }

    /// Calls `body` with each link, a path below /dev.
    package static func eachLink(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        for line in Lines(bytes) where line.count > 2 && line[0] == UInt8(ascii: "S") && line[1] == UInt8(ascii: ":") {
            body(UnsafeRawBufferPointer(rebasing: line[2...]))
        }
    }

    private mutating func property(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count > 3, text[0] == UInt8(ascii: "I"), text[1] == UInt8(ascii: "D"), text[2] == UInt8(ascii: "_") else {
            return text.contains(UInt8(ascii: "="))
        }
        guard let (key, value) = text.split(at: UInt8(ascii: "=")) else { return false }
        switch key.count {
        case 6: if FactText.equal(key, "ID_WWN") { wwn = value }
        case 8: if FactText.equal(key, "ID_MODEL") { model = value }
        case 9: if FactText.equal(key, "ID_VENDOR") { vendor = value }
        case 10: if FactText.equal(key, "ID_FS_TYPE") { content = value } else if FactText.equal(key, "ID_FS_UUID") { contentUUID = value }
        case 11:
            if FactText.equal(key, "ID_REVISION") { revision = value } else if FactText.equal(key, "ID_FS_LABEL") { contentLabel = value }
        case 14: if FactText.equal(key, "ID_SCSI_SERIAL") { scsiSerial = value }
        case 15: if FactText.equal(key, "ID_SERIAL_SHORT") { serialShort = value }
        case 21: if FactText.equal(key, "ID_WWN_WITH_EXTENSION") { wwnWithExtension = value }
        default: break
        }
        return true
    }
}
