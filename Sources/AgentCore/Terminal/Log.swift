import Glibc

/// Messages for the administrator, a line each. Never a secret.
///
/// Where standard error is systemd's journal (`JOURNAL_STREAM` says so) they go there by its own protocol, with fields; where it is not, each is a line
/// on standard error, which begins with its priority, `<3>` to `<7>` (sd-daemon(3)), if `JOURNAL_STREAM` is set at all.
package struct Log: Sendable {
    /// By who must act: `error` now, `warning` soon; `notice` and `info` are worth keeping; `debug` for who looks for a fault.
    package enum Level: Int, Sendable, CaseIterable, Comparable {
        case error = 3
        case warning = 4
        case notice = 5
        case info = 6
        case debug = 7

        package static let allowed = "error, warning, notice, info or debug"

        package init?(name: String) {
            guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
            self = level
        }

        package var name: String {
            switch self {
            case .error: "error"
            case .warning: "warning"
            case .notice: "notice"
            case .info: "info"
            case .debug: "debug"
            }
        }

        package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    /// What a message is about, for whoever searches: `QUARTERMASTER_` and this name are the journal's field.
    package enum Field: String, Sendable, CaseIterable {
        case pad = "PAD"
        case account = "ACCOUNT"
        case registration = "REGISTRATION"
        case instruction = "INSTRUCTION"
        case outcome = "OUTCOME"
        case reason = "REASON"
    }

    package var level: Level
    /// Nil tells everything.
    package var limit: LogLimit?
    private let sink: @Sendable (Level, String, [Field: String]) -> Void

    package init(level: Level, sink: @escaping @Sendable (Level, String, [Field: String]) -> Void) {
        self.level = level
        self.sink = sink
    }

    /// `write` gets one line with its newline.
    package init(level: Level, hasPrefixes: Bool, write: @escaping @Sendable ([UInt8]) -> Void) {
        self.init(level: level) { level, text, _ in
            let prefix = hasPrefixes ? "<\(level.rawValue)>" : ""
            write(Array("\(prefix)\(text)\n".utf8))
        }
    }

    /// `identifier` is what the journal keeps it under.
    package static func standardError(level: Level, identifier: String = "quartermaster-agent") -> Log {
        let lines = Log(level: level, hasPrefixes: getenv("JOURNAL_STREAM") != nil) { line in
            // A log that cannot be written has nobody to tell.
            _ = line.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
        }
        guard let journal = Journal.ofStandardError(identifier: identifier) else { return lines }
        return Log(level: level) { level, text, fields in
            if !journal.send(level, text, fields) { lines.sink(level, text, fields) }
        }
    }

    package func error(_ text: String, _ fields: [Field: String] = [:]) { say(.error, text, fields) }
    package func warning(_ text: String, _ fields: [Field: String] = [:]) { say(.warning, text, fields) }
    package func notice(_ text: String, _ fields: [Field: String] = [:]) { say(.notice, text, fields) }
    package func info(_ text: String, _ fields: [Field: String] = [:]) { say(.info, text, fields) }
    package func debug(_ text: @autoclosure () -> String) { if level >= .debug { say(.debug, text(), [:]) } }

    /// Control characters become `?`: a name from a pad must not write a line of its own, nor to the terminal what is no text.
    private func say(_ level: Level, _ text: String, _ fields: [Field: String]) {
        guard level <= self.level else { return }
        let text = text.printable
        guard let limit else { return sink(level, text, fields.mapValues(\.printable)) }
        for line in limit.pass(text) { sink(level, line, fields.mapValues(\.printable)) }
    }
}
