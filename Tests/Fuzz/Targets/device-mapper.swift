// needs: StrictJSON Identifiers Files Inventory HostFacts
@testable import HostFacts

/// Device-mapper's answers, what dmsetup prints of them, and the words of its targets.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzDeviceMapper(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    if let devices = MapStatus.devices(bytes) { precondition(devices.count <= count / 12 + 1, "more maps than bytes") }
    for number in [0, 1, 3, 1_000_000] {
        guard let targets = MapStatus.targets(bytes, count: number) else { continue }
        precondition(targets.count <= min(number, MapStatus.maximumTargets), "more targets than were counted")
        check(targets)
    }
    for map in MapStatus.parse(bytes).maps {
        precondition(map.name.utf8.count <= 255 && map.targets.count <= MapStatus.maximumTargets, "a map beyond its bounds")
        check(map.targets)
    }
    let text = String(decoding: bytes, as: UTF8.self)
    if let status = MultipathStatus(text) {
        precondition(status.groups.reduce(0) { $0 + $1.paths.count } <= count / 3, "more paths than the text has words")
    }
    if let name = VolumeName(mapName: text) {
        precondition(!name.volumeGroup.isEmpty && !name.logicalVolume.isEmpty, "a volume without a name")
    }
    _ = ReplicationTable.state(ofMinor: 0, in: bytes)
    return 0
}

private func check(_ targets: [MapStatus.Target]) {
    for target in targets {
        precondition(target.startSector >= 0 && target.sectors >= 0 && target.type.utf8.count <= 16 * 3, "a target that is none")
        _ = TargetState.text(type: target.type, status: target.status)
        _ = MultipathStatus(target.status)
    }
}
