import Glibc

/// Messages for the administrator, a line each, on standard error. Never a secret.
///
/// Under systemd (`JOURNAL_STREAM` is set) a line starts with its priority, `<3>` to `<7>` (sd-daemon(3)).
package struct Log: Sendable {
    /// By who must act: `error` now, `warning` soon; `info` is worth keeping; `debug` for who looks for a fault.
    package enum Level: Int, Sendable, CaseIterable, Comparable {
        case error = 3
        case warning = 4
        case info = 6
        case debug = 7

        package static let allowed = "error, warning, info or debug"

        package init?(name: String) {
            guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
            self = level
        }

        package var name: String {
            switch self {
            case .error: "error"
            case .warning: "warning"
            case .info: "info"
            case .debug: "debug"
            }
        }

        package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    package var level: Level
    private let hasPrefixes: Bool
    private let write: @Sendable ([UInt8]) -> Void

    /// `write` gets one line with its newline.
    package init(level: Level, hasPrefixes: Bool, write: @escaping @Sendable ([UInt8]) -> Void) {
        self.level = level
        self.hasPrefixes = hasPrefixes
        self.write = write
    }

    package static func standardError(level: Level) -> Log {
        Log(level: level, hasPrefixes: getenv("JOURNAL_STREAM") != nil) { line in
            // A log that cannot be written has nobody to tell.
            _ = line.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
        }
    }

    package func error(_ text: String) { say(.error, text) }
    package func warning(_ text: String) { say(.warning, text) }
    package func info(_ text: String) { say(.info, text) }
    package func debug(_ text: @autoclosure () -> String) { if level >= .debug { say(.debug, text()) } }

    /// Control characters become `?`: a name from a pad must not write a line of its own.
    private func say(_ level: Level, _ text: String) {
        guard level <= self.level else { return }
        var line: [UInt8] = []
        if hasPrefixes { line.append(contentsOf: "<\(level.rawValue)>".utf8) }
        line.append(contentsOf: text.utf8.map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: "?") : $0 })
        line.append(0x0A)
        write(line)
    }
}
