/// Bytes and commands by logical unit, summed over sessions: `tgtadm --mode sys --op stat` counts each session from its start, so what ended
/// sessions did is kept here, from the first time it was asked for.
///
///     tgt lun sid rd_subm(bytes,cmds) rd_done(bytes,cmds) wr_subm(bytes,cmds) wr_done(bytes,cmds) errs
///       1   1   5          256      1          256      1            0      0            0      0    0
struct TgtStatistics: Equatable, Sendable {
    struct Unit: Hashable, Sendable {
        let target: Int
        let number: Int64
    }

    struct Counts: Equatable, Sendable {
        var readBytes: Int64 = 0
        var reads: Int64 = 0
        var writeBytes: Int64 = 0
        var writes: Int64 = 0

        static func + (left: Counts, right: Counts) -> Counts {
            Counts(
                readBytes: left.readBytes &+ right.readBytes, reads: left.reads &+ right.reads,
                writeBytes: left.writeBytes &+ right.writeBytes,
                writes: left.writes &+ right.writes)
        }

        func isBefore(_ other: Counts) -> Bool {
            readBytes <= other.readBytes && writeBytes <= other.writeBytes && reads <= other.reads && writes <= other.writes
        }
    }

    struct Session: Hashable, Sendable {
        let unit: Unit
        let session: Int64
    }

    private var running: [Session: Counts] = [:]
    private var ended: [Unit: Counts] = [:]

    /// Takes in a listing; lines that are no counters are passed over.
    mutating func take(_ bytes: [UInt8]) {
        let now = Self.parse(bytes)
        for (session, counts) in running {
            // Gone, or its number was given to a new one.
            if let later = now[session], counts.isBefore(later) { continue }
            ended[session.unit] = (ended[session.unit] ?? Counts()) + counts
        }
        running = now
    }

    /// Since this process began, where sessions ended before it is not known.
    var totals: [Unit: Counts] {
        var result = ended
        for (session, counts) in running { result[session.unit] = (result[session.unit] ?? Counts()) + counts }
        return result
    }

    static func parse(_ bytes: [UInt8]) -> [Session: Counts] {
        var result: [Session: Counts] = [:]
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let fields = String(decoding: line, as: UTF8.self).split(separator: " ").map { Int64($0) }
            guard fields.count >= 11, let target = fields[0], let unit = fields[1], let session = fields[2], let readBytes = fields[5],
                let reads = fields[6], let writeBytes = fields[9], let writes = fields[10], (0...Int64(Int32.max)).contains(target),
                min(readBytes, reads, writeBytes, writes) >= 0
            else { continue }
            result[Session(unit: Unit(target: Int(target), number: unit), session: session)] = Counts(
                readBytes: readBytes, reads: reads, writeBytes: writeBytes, writes: writes)
        }
        return result
    }
}
