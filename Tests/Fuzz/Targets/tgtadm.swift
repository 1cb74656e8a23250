// needs: StrictJSON Identifiers Files PluginProtocol
// sources: Sources/quartermaster-plugin-tgt/TargetListing.swift Sources/quartermaster-plugin-tgt/TgtStatistics.swift Sources/quartermaster-plugin-tgt/Lines.swift Sources/quartermaster-plugin-tgt/Text*.swift

/// What tgtadm prints: the listing of targets, in which initiators' names stand as they are, and the counters, twice in a row.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTgtadm(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    do throws(TargetListing.Malformed) {
        let listing = try TargetListing(parsing: bytes)
        precondition(Set(listing.targets.map(\.name)).count == listing.targets.count, "a target stands twice")
        for unit in listing.targets.flatMap(\.units) {
            _ = (unit.megabytes, unit.path, unit.isOnline)
        }
    } catch {
        precondition(error.line >= 0 && !error.expected.isEmpty)
    }
    var statistics = TgtStatistics()
    statistics.take(Array(bytes[..<(count / 2)]))
    statistics.take(bytes)
    _ = statistics.totals
    return 0
}
