import CLinux
import Glibc
import Inventory

/// Asks device-mapper for the status of its maps, through its control node (linux/dm-ioctl.h). Nothing is changed, flushed or written, and no
/// table is asked for: a crypt target's holds keys. Of a captured tree, the text that `dmsetup status` printed is read.
struct MapStatusReader {
    static let capturePath = "run/quartermaster-capture/dmsetup-status"
    static let controlPath = "dev/mapper/control"
    /// A map's answer is far below the first; 30,000 names need the second.
    private static let statusSize = 16 << 10
    private static let largestSize = 4 << 20

    let reader: FactReader

    /// Sorted by name. Empty where there is no map, or no right to ask, which is noted where `noting` says so.
    func all(noting: Bool = true) -> [MapStatus] {
        guard reader.tree.isLive else { return captured() }
        // The control node's driver may not be loaded: opening the node would load it.
        guard reader.tree.exists("sys/class/misc/device-mapper") else { return [] }
        let control = quartermaster_dm_control()
        guard control >= 0 else {
            if noting, !FactReader.meansAbsent(-control) { note("unreadable: \(FactText.text(ofErrno: -control))") }
            return []
        }
        defer { close(control) }
        return ask(control).sorted { $0.name < $1.name }
    }

    private func captured() -> [MapStatus] {
        let read = reader.whole(file: Self.capturePath, "maps", limit: 16 << 20) { .value(MapStatus.parse($0)) }
        guard let (maps, malformed) = read else { return [] }
        if !malformed.isEmpty {
            reader.note(Self.capturePath, "maps", "malformed: lines \(malformed.map(String.init).joined(separator: ", "))")
        }
        return maps
    }

    private func ask(_ control: Int32) -> [MapStatus] {
        guard let devices = answer(control, quartermaster_dm_devices, nil, { bytes, _ in MapStatus.devices(bytes) }) else { return [] }
        var maps: [MapStatus] = []
        maps.reserveCapacity(devices.count)
        for (name, number) in devices {
            let targets = answer(control, quartermaster_dm_status, number) { bytes, count in MapStatus.targets(bytes, count: count) }
            if let targets { maps.append(MapStatus(name: name, deviceNumber: number, targets: targets)) }
        }
        return maps
    }

    /// Nil where there is no answer; but for a map that went meanwhile, that is noted.
    private func answer<Value>(
        _ control: Int32, _ question: quartermaster_dm_question, _ number: DeviceNumber?,
        _ parse: (UnsafeRawBufferPointer, Int) -> Value?
    ) -> Value? {
        var size = Self.statusSize
        while size <= Self.largestSize {
            // malloc's memory is not written to before it is used: a large buffer costs what the answer needs.
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
            defer { buffer.deallocate() }
            var count: UInt32 = 0
            let length = quartermaster_dm_ask(
                control, question, number?.major ?? 0, number?.minor ?? 0, buffer.baseAddress, size, &count)
            if length == -Int(ENOBUFS) {
                size *= 4
                continue
            }
            if length < 0 {
                if !FactReader.meansAbsent(Int32(-length)) { note("unreadable: \(FactText.text(ofErrno: Int32(-length)))") }
                return nil
            }
            if let value = parse(UnsafeRawBufferPointer(rebasing: buffer[..<length]), Int(count)) { return value }
            note("malformed: an answer\(number.map { " for \($0)" } ?? "") that does not follow linux/dm-ioctl.h")
            return nil
        }
        note("malformed: an answer longer than \(Self.largestSize) bytes")
        return nil
    }

    private func note(_ reason: String) { reader.note(Self.controlPath, "maps", reason) }
}
