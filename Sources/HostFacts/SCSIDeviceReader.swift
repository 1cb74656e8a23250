import Identifiers
import Inventory

/// Reads a SCSI device's directory (`…/6:0:0:1`): its inquiry data, state, WWID and serial number.
struct SCSIDeviceReader {
    let reader: FactReader

    func read(_ device: inout Inventory.BlockDevice, in unit: borrowing Directory) {
        device.kind =
            reader.parsed("type", "kind", in: unit, expected: "a peripheral device type") { bytes in
                FactText.decimal(bytes).map(Self.kind)
            } ?? "disk"
        device.vendor = reader.text("vendor", "vendor", in: unit)
        device.model = reader.text("model", "model", in: unit)
        device.revision = reader.text("rev", "revision", in: unit)
        device.state = reader.text("state", "state", in: unit)
        device.wwid = wwid(in: unit)
        device.serial = reader.binary("vpd_pg80", "serial", in: unit, VitalProductData.serialNumber)
    }

    /// What the storage system says of this path: the attributes `access_state` and `preferred_path`, which are there while a device handler is attached
    /// (scsi_sysfs.c).
    func readAccess(_ device: inout Inventory.BlockDevice, in unit: borrowing Directory) {
        device.accessState = reader.text("access_state", "accessState", in: unit)
        if device.accessState == nil { return }
        device.preferredPath = reader.parsed("preferred_path", "preferredPath", in: unit, expected: "0 or 1", FactText.flag)
    }

    /// The kernel's choice, where it is a name that IEEE has given out a part of. Where it is not (a T10 text, a name of the maker's, an EUI-64,
    /// which the kernel puts before some NAA names), or is none at all, page 0x83 may have a better one, and has the last word.
    private func wwid(in unit: borrowing Directory) -> WWID? {
        let chosen = reader.parsed("wwid", "wwid", in: unit, expected: "a WWID", FactText.designator)
        if let chosen, VitalProductData.isBest(chosen) { return chosen }
        return reader.binary("vpd_pg83", "wwid", in: unit, VitalProductData.deviceIdentification) ?? chosen
    }

    /// The peripheral device type (SPC-5, table 147) in lsblk's words.
    static func kind(_ type: Int64) -> String {
        switch type {
        case 0x01: "tape"
        case 0x02: "printer"
        case 0x03: "processor"
        case 0x04: "worm"
        case 0x05: "rom"
        case 0x06: "scanner"
        case 0x07: "mo-disk"
        case 0x08: "changer"
        case 0x09: "comm"
        case 0x0C: "raid"
        case 0x0D: "enclosure"
        case 0x0E: "rbc"
        case 0x11: "osd"
        default: "disk"
        }
    }
}
