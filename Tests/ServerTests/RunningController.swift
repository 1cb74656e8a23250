import ControllerAPI
import Daemons
import Foundation
import Identifiers
import Logging
import Sealing
import Store
import Synchronization
import Testing

@testable import Server

/// A whole controller in this process, on a directory and a socket of its own, for the length of `body`.
struct RunningController {
    let directory: String
    let socket: String

    static func run(
        _ configure: (inout ControllerConfiguration) -> Void = { _ in }, _ body: (RunningController) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/qm-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        _ = try await Initialization(directory: DataDirectory(directory + "/data")).run()
        try await serve(directory, configure, body)
    }

    /// On a data directory that is there.
    static func serve(
        _ directory: String, _ configure: (inout ControllerConfiguration) -> Void = { _ in },
        _ body: (RunningController) async throws -> Void
    ) async throws {
        var configuration = ControllerConfiguration()
        configuration.dataDirectory = directory + "/data"
        configuration.socket = directory + "/s"
        configure(&configuration)
        let running = RunningController(directory: directory, socket: configuration.socket)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let controller = try await Controller(configuration: configuration, hasher: ScryptHasher(parameters: .weak), logger: logger)
        let ready = AsyncStream<Void>.makeStream()
        let served = Task { try await controller.run(signals: []) { ready.continuation.finish() } }
        let watched = Task {
            // Ends the wait for readiness where the controller could not start.
            _ = await served.result
            ready.continuation.finish()
        }
        for await _ in ready.stream {}
        do { try await body(running) } catch {
            served.cancel()
            _ = await watched.result
            throw error
        }
        served.cancel()
        await watched.value
    }

    /// Sends one request over the socket, byte for byte as given, and reads to the end of the connection.
    func send(raw: String, halfClosed: Bool = false) async throws -> (status: Int, body: [UInt8]) {
        let answer = try await SocketConversation.exchange(socket, raw, halfClosed: halfClosed)
        let parts = answer.firstRange(of: Array("\r\n\r\n".utf8))
        let head = String(decoding: answer[..<(parts?.lowerBound ?? answer.endIndex)], as: UTF8.self)
        let status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return (status, parts.map { Array(answer[$0.upperBound...]) } ?? [])
    }

    /// With `token`, as whoever logged in with it.
    func send(
        _ method: String, _ target: String, _ body: String? = nil, token: String? = nil
    ) async throws -> (status: Int, json: JSONObject) {
        var request = "\(method) \(target) HTTP/1.1\r\nHost: controller\r\nConnection: close\r\n"
        if let token { request += "Authorization: Bearer \(token)\r\n" }
        if let body {
            request += "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        } else {
            request += "\r\n"
        }
        let answer = try await send(raw: request)
        return (answer.status, JSONObject(bytes: answer.body))
    }

    /// As `send`, and expects that it was done.
    func done(
        _ method: String, _ target: String, _ body: String? = nil, token: String? = nil, at: SourceLocation = #_sourceLocation
    ) async throws -> JSONObject {
        let answer = try await send(method, target, body, token: token)
        #expect(answer.status == 200, "\(answer.json.text)", sourceLocation: at)
        return answer.json
    }

    /// As `send`, and expects that it was refused with this code and a message that has these words.
    func refused(
        _ method: String, _ target: String, _ body: String? = nil, _ code: String, _ words: String, token: String? = nil,
        at: SourceLocation = #_sourceLocation
    ) async throws {
        let answer = try await send(method, target, body, token: token)
        let error = answer.json["error"]
        #expect(error["code"].string == code, "\(answer.json.text)", sourceLocation: at)
        #expect(error["message"].string?.contains(words) == true, "\(answer.json.text)", sourceLocation: at)
        #expect(
            answer.status == ErrorCode(rawValue: code)?.row.httpStatus, "status \(answer.status) for \(code)", sourceLocation: at)
    }
}

/// What came back, read as leniently as a reader of a test likes.
struct JSONObject {
    let value: Any?

    init(_ value: Any?) { self.value = value }
    init(bytes: [UInt8]) { value = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed) }

    subscript(name: String) -> JSONObject { JSONObject((value as? [String: Any])?[name]) }
    subscript(index: Int) -> JSONObject {
        guard let array = value as? [Any], array.indices.contains(index) else { return JSONObject(nil) }
        return JSONObject(array[index])
    }
    var string: String? { value as? String }
    var integer: Int? { value as? Int }
    var bool: Bool? { value as? Bool }
    var count: Int { (value as? [Any])?.count ?? 0 }
    var elements: [JSONObject] { (value as? [Any])?.map { JSONObject($0) } ?? [] }
    var names: Set<String> { Set((value as? [String: Any])?.keys.map { $0 } ?? []) }
    var text: String { value.map { "\($0)" } ?? "nothing" }
}
