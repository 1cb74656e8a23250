import AgentCore
import ArgumentParser

/// How a command prints what it found out. JSON is one document on standard output; messages go to standard error.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    case text, json
}

/// A time as an option: `500ms`, `60s`, `15m`, `2h`, `7d`.
struct TimeSpan: ExpressibleByArgument {
    let duration: Duration

    init?(argument: String) {
        guard let duration = Duration(option: argument), duration > .zero else { return nil }
        self.duration = duration
    }
}
