import Files
import Glibc
import Identifiers
import Inventory
import Messages
import StrictJSON

/// What a running daemon leaves for `status`: `daemon.json` in the state directory, replaced when something in it changed.
package struct DaemonReport: Equatable, Sendable {
    package static let fileName = "daemon.json"
    package static let format = "quartermaster-agent-daemon/1"

    package var startedAt: Timestamp
    package var process: Int32
    package var version: String
    package var helper = Observations.Helper.unused
    /// What of this host could not be read when it was read last: how many values, and the first of them.
    package var problemCount = 0
    package var problems: [Inventory.Problem] = []
    /// Why the configuration stays as it was, a line each; empty where it was taken over.
    package var configurationFaults: [String] = []
    /// What keeps the registration that `register.conf` asks for from being made.
    package var registrationTrouble: String?
    /// What keeps the secret of a registration that was accepted from being removed.
    package var secretTrouble: String?
    /// What a crash left, and could not be removed when the daemon started.
    package var leftOvers: [UnusableRegistration] = []
    /// Limits that the system did not let the daemon set.
    package var refusedLimits: [String] = []
    /// What keeps the metrics from being written.
    package var metricsTrouble: String?

    package init(startedAt: Timestamp, process: Int32, version: String = AgentContext.version) {
        self.startedAt = startedAt
        self.process = process
        self.version = version
    }

    package mutating func take(_ observations: Observations) {
        helper = observations.helper
        if let facts = observations.facts { (problemCount, problems) = (facts.problemCount, facts.problems) }
    }
}

extension DaemonReport: JSONReadable, JSONWritable {
    package init(json: JSONFields) throws(JSONError) {
        _ = try json.parsed("format", expected: Self.format) { $0 == Self.format ? $0 : nil }
        startedAt = try json.timestamp("startedAt")
        process = Int32(truncatingIfNeeded: try json.integer("process", in: 1...Int64(Int32.max)))
        version = try json.string("version", maximumLength: 64)
        let reason = try json.optionalString("helperReason", maximumLength: 4096)
        helper =
            switch try json.parsed(
                "helper", expected: "unused, available or missing", { ["unused", "available", "missing"].contains($0) ? $0 : nil })
            {
            case "unused": .unused
            case "available": .available
            default: .missing(reason: reason ?? "")
            }
        problemCount = Int(try json.integer("problemCount"))
        problems = try json.objects("problems", maximumCount: 100) { (fields) throws(JSONError) in try Inventory.Problem(json: fields) }
        configurationFaults = try json.strings("configurationFaults", maximumCount: Self.maximumFaults, maximumLength: 8192)
        registrationTrouble = try json.optionalString("registrationTrouble", maximumLength: 16 << 10)
        secretTrouble = try json.optionalString("secretTrouble", maximumLength: 16 << 10)
        if json.has("leftOvers") {
            leftOvers = try json.objects("leftOvers", maximumCount: Self.maximumLeftOvers) { (fields) throws(JSONError) in
                try UnusableRegistration(json: fields)
            }
        }
        refusedLimits = try json.strings("refusedLimits", maximumCount: 16, maximumLength: 8192)
        metricsTrouble = try json.optionalString("metricsTrouble", maximumLength: 16 << 10)
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("format", Self.format)
            writeMembers(to: &$0)
        }
    }

    /// As they stand in `status --format json` too.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("startedAt", startedAt.description)
        writer.member("process", process)
        writer.member("version", version)
        switch helper {
        case .unused: writer.member("helper", "unused")
        case .available: writer.member("helper", "available")
        case .missing(let reason):
            writer.member("helper", "missing")
            writer.member("helperReason", String(decoding: reason.utf8.prefix(4000), as: UTF8.self))
        }
        writer.member("problemCount", problemCount)
        writer.member("problems", array: problems)
        writer.member("configurationFaults", strings: configurationFaults.prefix(Self.maximumFaults).map(Self.cut))
        writer.member("registrationTrouble", registrationTrouble.map(Self.cut))
        writer.member("secretTrouble", secretTrouble.map(Self.cut))
        if !leftOvers.isEmpty { writer.member("leftOvers", array: Array(leftOvers.prefix(Self.maximumLeftOvers))) }
        writer.member("refusedLimits", strings: refusedLimits.prefix(16).map(Self.cut))
        writer.member("metricsTrouble", metricsTrouble.map(Self.cut))
    }

    /// As many faults of a configuration are kept; a description has fewer.
    private static let maximumFaults = 100

    /// As many as are listed of `registrations/`.
    private static let maximumLeftOvers = 1024

    /// To what a reader takes.
    private static func cut(_ text: String) -> String { String(decoding: text.utf8.prefix(8000), as: UTF8.self) }
}

extension StateDirectory {
    /// Nil where no daemon ever ran here. Throws `.reportDamaged` where what is there is no report.
    package func daemonReport() throws(AgentError) -> DaemonReport? {
        let file = "\(path)/\(DaemonReport.fileName)"
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try readFile(file, limit: 4 << 20)
        } catch {
            switch error {
            case .system(_, _, ENOENT): return nil
            case .tooLarge, .notRegular: throw .reportDamaged(path: file, reason: "\(error)")
            default: throw .file(error)
            }
        }
        do throws(JSONError) {
            return try DaemonReport(json: JSONFields(JSONValue.parse(bytes)))
        } catch {
            throw .reportDamaged(path: file, reason: error.description)
        }
    }

    package func save(_ report: DaemonReport) throws(AgentError) {
        do throws(FileError) {
            try FileDescriptor(directory: path).replace(DaemonReport.fileName, with: report.jsonBytes)
        } catch {
            throw .file(error)
        }
    }
}
