import Inventory

/// What a device's place in sysfs says of it: `sys/devices/…/host6/rport-6:0-1/target6:0:0/6:0:0:1/block/sda`.
package struct DevicePath {
    /// The directory of the device below the block device: where vendor, model and WWID stand. Nil for virtual devices.
    let device: String?
    let scsiAddress: SCSIAddress?
    /// `rport-6:0-1`, below an FC host.
    let remotePort: String?
    /// `session3`, below an iSCSI host.
    let session: String?
    /// `end_device-6:0`, below a SAS host.
    let endDevice: String?
    /// `target6:0:0`
    let target: String?
    let isUSB: Bool
    let isFireWire: Bool
    let isVirtual: Bool

    package init(_ path: String) {
        var path = path
        (device, scsiAddress, remotePort, session, endDevice, target, isUSB, isFireWire, isVirtual) = path.withUTF8 { bytes in
            Self.parse(UnsafeRawBufferPointer(bytes))
        }
    }

    private typealias Parts = (String?, SCSIAddress?, String?, String?, String?, String?, Bool, Bool, Bool)

    private static func parse(_ path: UnsafeRawBufferPointer) -> Parts {
        guard let name = path.lastIndex(of: UInt8(ascii: "/")) else { return (nil, nil, nil, nil, nil, nil, false, false, false) }
        var directory = UnsafeRawBufferPointer(rebasing: path[..<name])
        var (address, remotePort, session, endDevice, target): (SCSIAddress?, String?, String?, String?, String?) = (
            nil, nil, nil, nil, nil
        )
        var (isUSB, isFireWire, isVirtual) = (false, false, false)
        if let slash = directory.lastIndex(of: UInt8(ascii: "/")),
            FactText.equal(UnsafeRawBufferPointer(rebasing: directory[(slash + 1)...]), "block")
        {
            directory = UnsafeRawBufferPointer(rebasing: directory[..<slash])
        }
        var rest = directory
        var isFirst = true
        while true {
            let slash = rest.lastIndex(of: UInt8(ascii: "/"))
            let component = UnsafeRawBufferPointer(rebasing: rest[(slash.map { $0 + 1 } ?? 0)...])
            if isFirst {
                address = scsiAddress(component)
                isFirst = false
            } else if let first = component.first {
                switch first {
                case UInt8(ascii: "r") where FactText.starts(component, with: "rport-"):
                    remotePort = String(decoding: component, as: UTF8.self)
                case UInt8(ascii: "s") where FactText.starts(component, with: "session"):
                    session = String(decoding: component, as: UTF8.self)
                case UInt8(ascii: "e") where FactText.starts(component, with: "end_device-"):
                    endDevice = String(decoding: component, as: UTF8.self)
                case UInt8(ascii: "t") where FactText.starts(component, with: "target"): target = String(decoding: component, as: UTF8.self)
                case UInt8(ascii: "u") where FactText.starts(component, with: "usb"): isUSB = true
                case UInt8(ascii: "f") where FactText.starts(component, with: "fw"): isFireWire = true
                case UInt8(ascii: "v") where FactText.equal(component, "virtual"): isVirtual = true
                default: break
                }
            }
            guard let slash else { break }
            rest = UnsafeRawBufferPointer(rebasing: rest[..<slash])
        }
        let hasDevice = !FactText.equal(directory, "sys/devices/virtual") && !FactText.equal(directory, "sys")
        return (
            hasDevice ? String(decoding: directory, as: UTF8.self) : nil, address, remotePort, session, endDevice, target, isUSB,
            isFireWire, isVirtual
        )
    }

    /// Four decimal numbers with colons between them.
    static func scsiAddress(_ bytes: UnsafeRawBufferPointer) -> SCSIAddress? {
        guard let (host, rest) = bytes.split(at: UInt8(ascii: ":")), let (channel, rest) = rest.split(at: UInt8(ascii: ":")),
            let (target, lun) = rest.split(at: UInt8(ascii: ":")),
            let host = FactText.decimal(host).flatMap({ UInt32(exactly: $0) }),
            let channel = FactText.decimal(channel).flatMap({ UInt32(exactly: $0) }),
            let target = FactText.decimal(target).flatMap({ UInt32(exactly: $0) }), let lun = FactText.decimal(lun)
        else { return nil }
        return SCSIAddress(host: host, channel: channel, target: target, lun: UInt64(lun))
    }
}
