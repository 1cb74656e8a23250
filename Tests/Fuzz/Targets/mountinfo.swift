// needs: StrictJSON Identifiers Files Inventory HostFacts
import HostFacts

/// The tables of mounts and swap areas: each line is a mount, or is counted as none.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMountinfo(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    for table in [MountTable(.mountinfo, bytes), MountTable(.fstab, bytes)] {
        for mount in table.mounts {
            precondition(mount.mountPoint.hasPrefix("/") && !mount.mountPoint.utf8.contains(0), "a mount at no place")
            precondition(!mount.source.isEmpty && !mount.type.isEmpty, "a mount of nothing")
        }
    }
    for area in SwapTable.parse(bytes).areas {
        precondition(area.sizeBytes >= area.availableBytes && area.availableBytes >= 0, "more free than there is")
    }
    return 0
}
