import AsyncHTTPClient
import ControllerAPI
import Files
import Foundation
import Glibc
import NIOCore
import NIOHTTP1

/// Speaks HTTP with the controller over its Unix socket: one request, one answer.
struct ControllerConnection {
    /// As whom it asks.
    enum Credentials {
        /// Whoever is logged in there; else whom the socket's peer credentials name.
        case session
        case token(String)
        case none
    }

    let socket: String
    var credentials = Credentials.session
    /// For the whole answer. Long operations (a refresh, a check of a pad) end within it on the controller's side.
    var deadline = TimeAmount.seconds(120)
    /// After so long without an answer people are told that it is waited for.
    static let silence = Duration.seconds(5)

    /// The body of the answer. Throws `CommandFailure` in the controller's own words where it refused.
    func send(_ request: ControllerRequest) async throws -> [UInt8] {
        try await exchange(request) { response in
            Array(buffer: try await response.body.collect(upTo: 64 << 20))
        }
    }

    /// The answer piece by piece.
    func download(_ request: ControllerRequest, _ piece: ([UInt8]) throws -> Void) async throws {
        _ = try await exchange(request) { response in
            for try await buffer in response.body { try piece(Array(buffer: buffer)) }
            return []
        }
    }

    static func read<Document: APIDocument>(_ type: Document.Type, from bytes: [UInt8]) throws -> Document {
        do {
            return try APICoding.decode(type, from: bytes, limit: 64 << 20)
        } catch {
            throw CommandFailure(.failed, "the controller's answer is not understood: \(error); is it of another version?")
        }
    }

    private func exchange(
        _ request: ControllerRequest, _ consume: (HTTPClientResponse) async throws -> [UInt8]
    ) async throws -> [UInt8] {
        guard socket.utf8.count <= 107 else {
            throw CommandFailure(.usage, "the socket's path \(socket) is longer than 107 bytes, which no Unix socket can be")
        }
        guard let route = Route.of(request.operation),
            let url = URL(httpURLWithSocketPath: socket, uri: try request.target(of: route))
        else { throw CommandFailure(.usage, "\(socket) cannot be the path of a socket") }
        var message = HTTPClientRequest(url: url.absoluteString)
        message.method = HTTPMethod(rawValue: route.method.rawValue)
        if let token = try token() { message.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let body = request.body {
            message.headers.add(name: "Content-Type", value: "application/json")
            message.body = .bytes(ByteBuffer(bytes: try APICoding.encode(body)))
        }
        var configuration = HTTPClient.Configuration(timeout: .init(connect: .seconds(10)))
        // A controller that is not there is not there: say so at once.
        configuration.connectionPool.retryConnectionEstablishment = false
        let patience = Task { [socket] in
            // Cancelled when the answer is here.
            guard (try? await Task.sleep(for: Self.silence)) != nil else { return }
            Terminal.say("waiting for the controller at \(socket) to answer…")
        }
        defer { patience.cancel() }
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let result: Result<[UInt8], any Error>
        do {
            let response = try await client.execute(message, deadline: .now() + deadline)
            guard response.status == .ok else { throw await Self.refusal(response, of: request) }
            result = .success(try await consume(response))
        } catch {
            result = .failure(failure(for: error))
        }
        // Nothing is lost by a connection that does not close well: the answer is here.
        try? await client.shutdown()
        return try result.get()
    }

    private func token() throws -> String? {
        switch credentials {
        case .session: try SessionFile(socket: socket).token()
        case .token(let token): token
        case .none: nil
        }
    }

    private static func refusal(_ response: HTTPClientResponse, of request: ControllerRequest) async -> CommandFailure {
        do {
            let bytes = Array(buffer: try await response.body.collect(upTo: 1 << 20))
            return CommandFailure(try APICoding.decode(ErrorReply.self, from: bytes, limit: 1 << 20), options: request.options)
        } catch {
            return CommandFailure(.failed, "the controller answered HTTP status \(response.status.code) without saying why; see its log")
        }
    }

    private func failure(for error: any Error) -> any Error {
        switch error {
        case is CommandFailure: error
        case let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout || error == .connectTimeout:
            CommandFailure(
                .temporary, "no answer from the controller at \(socket) in time; it may have done what was asked: look, then try again")
        case let error as HTTPClientError where error == .remoteConnectionClosed:
            CommandFailure(
                .unavailable, "the controller at \(socket) closed the connection without an answer; it is stopping, or has failed")
        case let error as IOError where error.errnoCode == EACCES || error.errnoCode == EPERM:
            CommandFailure(
                .refused,
                "the socket \(socket) is not open to you: look at the mode of it and of the directories above it"
            )
        case let error as IOError:
            CommandFailure(
                .unavailable,
                "no controller answers at \(socket) (\(FileError.text(of: access(socket, F_OK) == 0 ? error.errnoCode : ENOENT))); "
                    + "start `quartermaster server`, or name its socket with --socket"
            )
        default: CommandFailure(.unavailable, "the controller at \(socket) cannot be asked: \(error)")
        }
    }
}
