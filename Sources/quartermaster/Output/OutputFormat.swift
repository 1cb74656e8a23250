import ArgumentParser
import ControllerAPI

/// How a command prints what it found out. JSON is one document on standard output; messages go to standard error.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    case text, json
}

struct FormatOption: ParsableArguments {
    @Option(help: ArgumentHelp("Tables for people, or one JSON document.", valueName: "text|json"))
    var format: OutputFormat = .text

    /// For commands that make their document themselves.
    func show(_ document: some APIDocument, text: () -> String) throws {
        switch format {
        case .json: Terminal.print(try APICoding.encode(document) + [UInt8(ascii: "\n")])
        case .text: Terminal.print(text())
        }
    }
}
