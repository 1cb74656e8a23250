import ArgumentParser

/// How a command prints what it found out. JSON is one document on standard output; messages go to standard error.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    case text, json
}
