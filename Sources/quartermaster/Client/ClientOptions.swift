import ArgumentParser
import ControllerAPI
import Foundation

/// The controller's working directory is not ours: what names a file there is absolute.
func absolutePath(_ path: String) -> String {
    path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
}

/// What every client command takes.
struct ClientOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The controller's Unix socket; else $QUARTERMASTER_SOCKET, else /run/quartermaster/controller.sock.", valueName: "path"),
        completion: .file())
    var socket: String?

    @OptionGroup var output: FormatOption

    var socketPath: String {
        let path = socket ?? Terminal.environment("QUARTERMASTER_SOCKET") ?? "/run/quartermaster/controller.sock"
        return absolutePath(path)
    }

    /// Sends a request and prints its answer: as it came with `--format json`, else as `text` says.
    func show<Document: APIDocument>(
        _ request: ControllerRequest, as type: Document.Type, text: (Document) -> String, examine: (Document) -> Void = { _ in }
    ) async throws {
        let bytes = try await ControllerConnection(socket: socketPath).send(request)
        let document = try ControllerConnection.read(type, from: bytes)
        switch output.format {
        case .json: Terminal.print(bytes + [UInt8(ascii: "\n")])
        case .text: Terminal.print(text(document))
        }
        examine(document)
    }

    /// A page of a list: where there is more, people are told how to get it.
    func list<Document: APIDocument>(
        _ request: ControllerRequest, as type: Document.Type, next: (Document) -> String?, table: (Document) -> Table
    ) async throws {
        let bytes = try await ControllerConnection(socket: socketPath).send(request)
        switch output.format {
        case .json: Terminal.print(bytes + [UInt8(ascii: "\n")])
        case .text:
            let document = try ControllerConnection.read(type, from: bytes)
            Terminal.print(table(document).text(colour: Terminal.hasColour))
            if let next = next(document) { Terminal.say("There is more: --after '\(next)'") }
        }
    }
}

/// What every list takes.
struct ListOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Only what belongs to this account.", valueName: "id"))
    var account: String?

    @Option(help: ArgumentHelp("At most so many entries (1 to 1000).", valueName: "count"))
    var limit: Int = 100

    @Option(help: ArgumentHelp("Only what comes after this: the \"next\" of the page before.", valueName: "next"))
    var after: String?

    func validate() throws {
        guard (1...1_000).contains(limit) else { throw ValidationError("--limit is \(limit); give 1 to 1000") }
    }

    func request(
        _ operation: ControllerAPI.Operation, parameters: [String: String] = [:], _ more: [String: String?] = [:]
    ) -> ControllerRequest {
        var query: [String: String] = ["limit": String(limit)]
        query["account"] = account
        query["after"] = after
        for (name, value) in more { if let value { query[name] = value } }
        return ControllerRequest(operation, parameters, query: query)
    }
}
