import Files
import Glibc
import Identifiers
import PluginProtocol
import Synchronization

/// Linux SCSI target framework: one tgtd, by its control port. Reads only.
final class TgtPlugin: StoragePlugin {
    static let identity = PluginIdentity(
        name: "tgt", version: "1", vendor: "Quartermaster",
        options: [
            PluginOption("control-port", "which tgtd, as in tgtd -C (0 unless given)"),
            PluginOption("directory", "absolute path of the directory of backing files: the pool"),
        ])

    private let tgtadm: Tgtadm
    private let directory: String?
    private let statistics = Mutex(TgtStatistics())

    init(options: [String: String]) throws(PluginFault) {
        let port = options["control-port"] ?? "0"
        guard port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let controlPort = Int(port), (0...32767).contains(controlPort) else {
            throw .invalid("control-port", "is \"\(port.prefix(20))\", not a number from 0 to 32767")
        }
        if let directory = options["directory"] {
            guard directory.hasPrefix("/") else { throw .invalid("directory", "is not an absolute path") }
            var path = directory
            while path.count > 1, path.hasSuffix("/") { path.removeLast() }
            do throws(FileError) { _ = try BackingDirectory(path: path) } catch { throw .invalid("directory", "cannot be used: \(error)") }
            self.directory = path
        } else {
            directory = nil
        }
        tgtadm = try Tgtadm(controlPort: controlPort)
    }

    func system() throws(PluginFault) -> PluginSystem {
        let serial = "\(Self.machine)-\(tgtadm.controlPort)"
        guard let systemID = ReportedSystemID("tgt-\(serial)") else { throw PluginFault(.internal, "this machine has no usable name") }
        let state = try tgtadm.state()
        return PluginSystem(
            systemID: systemID, name: "tgt on \(Self.hostName), control port \(tgtadm.controlPort)", vendor: "Linux",
            model: "SCSI target framework", serialNumber: serial, firmware: "tgt \(try tgtadm.version())",
            health: state == "ready" ? "ok" : state, capabilities: capabilities())
    }

    func capabilities() -> PluginCapabilities {
        PluginCapabilities(
            methods: [.systemGet, .poolList, .diskList, .portList, .volumeList, .maskingList, .sessionList, .sampleGet],
            limits: [PluginCapabilities.LimitName.maximumLUN: "16383"])
    }

    func pools() throws(PluginFault) -> [PluginPool] {
        guard let directory, let pool = try backing() else { return [] }
        guard let poolID = StoragePoolID(directory) else { throw PluginFault(.internal, "the directory has no usable name") }
        return [PluginPool(poolID: poolID, name: directory, totalBytes: pool.totalBytes, freeBytes: pool.freeBytes)]
    }

    func disks() throws(PluginFault) -> [PluginDisk] {
        guard let directory, let pool = try backing() else { return [] }
        guard let diskID = DiskID(pool.source) else { throw PluginFault(.internal, "the directory's device has no usable name") }
        return [
            PluginDisk(
                diskID: diskID, name: pool.source, sizeBytes: pool.totalBytes, poolID: StoragePoolID(directory), kind: "file-system",
                role: "data")
        ]
    }

    func ports() throws(PluginFault) -> [PluginPort] { try view().ports(tgtadm.portals()) }
    func volumes() throws(PluginFault) -> [PluginVolume] { try view().volumes.map(\.volume) }
    func masking() throws(PluginFault) -> [PluginMasking] { try view().masking() }
    func sessions() throws(PluginFault) -> [PluginSession] { try view().sessions() }

    func sample() throws(PluginFault) -> PluginSample {
        let view = try view()
        let listed = try tgtadm.statistics()
        let totals = statistics.withLock { statistics in
            statistics.take(listed)
            return statistics.totals
        }
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let counters = view.volumes.map { exported in
            let counts = exported.units.reduce(TgtStatistics.Counts()) { sum, entry in
                sum + (totals[TgtStatistics.Unit(target: entry.target.number, number: entry.unit.number)] ?? TgtStatistics.Counts())
            }
            return PluginSample.Counter(
                object: "volume", objectID: exported.volume.volumeID.text, readBytes: counts.readBytes, writeBytes: counts.writeBytes,
                reads: counts.reads, writes: counts.writes, usedBytes: exported.volume.allocatedBytes)
        }
        return PluginSample(at: Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000), counters: counters)
    }

    private func view() throws(PluginFault) -> TgtView {
        try TgtView(tgtadm.listing(), directory: directory) { BackingStore(path: $0) }
    }

    private func backing() throws(PluginFault) -> BackingDirectory? {
        guard let directory else { return nil }
        do throws(FileError) { return try BackingDirectory(path: directory) } catch { throw PluginFault(.unavailable, "\(error)") }
    }

    /// 16 digits that stand for this machine: machine IDs are not to be shown (machine-id(5)), so a hash of it; the host's name where there
    /// is none.
    private static let machine: String = {
        let text: [UInt8]
        do throws(FileError) { text = try readFile("/etc/machine-id", limit: 4096) } catch { text = Array(hostName.utf8) }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text + Array("quartermaster-plugin-tgt".utf8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }()

    private static var hostName: String {
        var name = utsname()
        uname(&name)
        return withUnsafeBytes(of: &name.nodename) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
