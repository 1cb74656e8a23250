import Files
import Identifiers
import Provider
import StrictJSON

/// A stretch of the audit log in a file of its own: JSON lines, in the data directory's `audit/`, mode 0600.
///
///     audit-000000000001-000000001000.jsonl
///     {"format":"quartermaster-audit-archive/1","controllerID":"…","first":1,"last":1000,"previous":"00…"}
///     {"format":"quartermaster-audit/1","sequence":1,…,"previous":"00…","hash":"…"}
///     …
///
/// The first line's `previous` is the hash of the event before `first`. Each further line is one event in its canonical form (`AuditEvent`), with
/// its hash, the SHA-256 of the line without the `hash` member. Nothing follows the event `last`.
struct AuditArchive: Equatable, Sendable {
    let first: Int64
    let last: Int64
    let file: String
    let lastHash: [UInt8]

    static let format = "quartermaster-audit-archive/1"
    /// Events in one file: tens of megabytes at most.
    static let maximumEvents: Int64 = 100_000
    private static let maximumBytes = 1 << 30

    static func fileName(first: Int64, last: Int64) -> String { "audit-\(padded(first))-\(padded(last)).jsonl" }

    /// The file's bytes.
    static func lines(controllerID: ControllerID, events: [(event: AuditEvent, hash: [UInt8])]) -> [UInt8] {
        guard let first = events.first, let last = events.last else { return [] }
        var bytes: [UInt8] = []
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("format", format)
            writer.member("controllerID", controllerID.text)
            writer.member("first", first.event.sequence)
            writer.member("last", last.event.sequence)
            writer.member("previous", Hexadecimal.text(first.event.previous))
        }
        bytes += writer.bytes + [UInt8(ascii: "\n")]
        for (event, hash) in events {
            var line = JSONWriter()
            line.object { line in
                event.writeMembers(to: &line)
                line.member("hash", Hexadecimal.text(hash))
            }
            bytes += line.bytes + [UInt8(ascii: "\n")]
        }
        return bytes
    }

    /// Walks the file from where `chain` is; throws the first fault.
    func verify(in directory: String, controllerID: ControllerID, chain: inout AuditChain) throws(AuditFault) {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try readFile("\(directory)/\(file)", limit: Self.maximumBytes)
        } catch {
            throw .lost(file: file, reason: error.description)
        }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
        guard let head = lines.first else { throw .lost(file: file, reason: "it is empty") }
        do throws(JSONError) {
            let fields = try JSONFields(JSONValue.parse(head, limits: Self.limits))
            guard try fields.string("format") == Self.format, try fields.string("controllerID") == controllerID.text,
                try fields.integer("first") == first, try fields.integer("last") == last,
                try fields.string("previous") == Hexadecimal.text(chain.hash)
            else { throw .invalid(path: "the first line", reason: "is of another archive") }
        } catch {
            throw .unreadable(place: file, number: 1, reason: error.description)
        }
        for (index, line) in lines.enumerated().dropFirst() {
            let (event, hash) = try Self.event(line, file: file, number: Int64(index + 1))
            try chain.follow(event, hash: hash, place: file)
        }
        guard chain.sequence == last else { throw .gap(expected: chain.sequence + 1, found: last + 1, place: file) }
        guard chain.hash == lastHash else { throw .broken(sequence: last, place: file) }
    }

    static func event(_ line: ArraySlice<UInt8>, file: String, number: Int64) throws(AuditFault) -> (AuditEvent, [UInt8]) {
        do throws(JSONError) {
            let fields = try JSONFields(JSONValue.parse(line, limits: limits))
            let hash = try fields.parsed("hash", expected: "64 hexadecimal digits") { Hexadecimal.bytes($0, count: 32) }
            return (try AuditEvent(json: fields), hash)
        } catch {
            throw .unreadable(place: file, number: number, reason: error.description)
        }
    }

    private static let limits = JSONLimits(maximumBytes: 64 << 10, maximumDepth: 4)

    private static func padded(_ number: Int64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 12 - digits.utf8.count)) + digits
    }
}
