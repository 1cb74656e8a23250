import StrictJSON

/// What a conformance run found: one line for each check, in the order they were made.
package struct ConformanceReport: Equatable, Sendable, JSONWritable {
    package enum Outcome: String, Sendable { case pass, fail, skip }

    package struct Check: Equatable, Sendable, JSONWritable {
        /// What should hold, as a sentence.
        package let name: String
        package let outcome: Outcome
        /// Why it failed or was skipped; empty where it passed.
        package let reason: String

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.member("check", name)
                writer.member("outcome", outcome.rawValue)
                if !reason.isEmpty { writer.member("reason", reason) }
            }
        }
    }

    package let plugin: String
    package internal(set) var checks: [Check] = []

    /// Nothing failed, and something was looked at.
    package var holds: Bool { !checks.contains { $0.outcome == .fail } && checks.contains { $0.outcome == .pass } }

    package func count(_ outcome: Outcome) -> Int { checks.filter { $0.outcome == outcome }.count }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("plugin", plugin)
            writer.member("holds", holds)
            writer.member("checks", array: checks)
        }
    }

    /// For people: a line for each check, and the sums.
    package var text: String {
        let width = checks.map(\.name.count).max() ?? 0
        let lines = checks.map { check in
            let padding = String(repeating: " ", count: check.reason.isEmpty ? 0 : width - check.name.count)
            return "\(check.outcome.rawValue)  \(check.name)\(padding)\(check.reason.isEmpty ? "" : "  \(check.reason)")"
        }
        return (lines + ["", "\(count(.pass)) passed, \(count(.fail)) failed, \(count(.skip)) skipped"]).joined(separator: "\n")
    }
}
