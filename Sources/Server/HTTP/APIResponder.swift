import ControllerAPI
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Provider
import Sealing
import Store

/// Answers every request: who is it, what is asked, may they, do it, say how it went. Runs many requests at once.
struct APIResponder: HTTPResponder {
    let policy: ProviderPolicy
    let store: Store
    let refusals: RefusalAudit
    let meter: RequestMeter
    let logger: Logger
    let handle: @Sendable (Call) async throws -> Answer

    func respond(to request: Request, context: ConnectionContext) async throws -> Response {
        let begun = ContinuousClock.now
        var known: ControllerAPI.Operation?
        let response = try await respond(to: request, context: context, &known)
        meter.answered(known, status: response.status.code, since: begun)
        return response
    }

    /// - Parameter known: what is asked for, where that is something.
    private func respond(
        to request: Request, context: ConnectionContext, _ known: inout ControllerAPI.Operation?
    ) async throws -> Response {
        var operation = "\(request.method) \(request.uri.path)"
        do {
            let (route, parameters) = try Self.route(of: request)
            operation = route.operation.rawValue
            known = route.operation
            let peer = try await PeerCredentials.of(context.channel)
            let token = Self.token(of: request)
            let caller = try await identify(peer, token)
            let call = Call(
                operation: route.operation, caller: caller, reach: try await reach(of: caller, route), peer: peer, token: token,
                parameters: parameters, query: try Self.query(of: request, route),
                body: try await Self.body(of: request))
            return try Self.response(try await handle(call), contentType: route.contentType)
        } catch {
            let reply = ErrorTable.reply(for: error, operation: operation, logger: logger)
            var response = Self.json(try APICoding.encode(reply), status: .init(code: reply.error.code.row.httpStatus))
            if reply.error.code == .notAuthenticated { response.headers[.wwwAuthenticate] = "Bearer" }
            return response
        }
    }

    /// A session, where its token came with the request; else whom the kernel names.
    private func identify(_ peer: PeerCredentials, _ token: [UInt8]?) async throws -> CallerIdentity {
        guard let token else {
            return policy.isProvider(peer, groups: UserDatabase.groups(ofUser:)) ? .provider(name: peer.name) : .nobody(name: peer.name)
        }
        let digest = SHA256.digest(token)
        if let session = try await store.read({ try $0.session(digest: digest) }) { return .session(session) }
        await refusals.note(
            .nobody(name: peer.name), action: "session.refuse", subject: "-",
            detail: "a token of no session, from process \(peer.processID)")
        throw RequestError.sessionEnded
    }

    private func reach(of caller: CallerIdentity, _ route: Route) async throws -> Reach {
        do throws(RequestError) {
            return try caller.reach(for: route)
        } catch {
            logger.notice("refused a caller", metadata: ["caller": "\(caller.name)", "operation": "\(route.operation.rawValue)"])
            await refusals.note(
                caller, action: caller.role == nil ? "socket.refuse" : "request.refuse", subject: route.operation.rawValue,
                detail: error.description)
            throw error
        }
    }

    /// RFC 6750 section 2.1. What is another scheme is no token of ours, and is refused as one that is over.
    private static func token(of request: Request) -> [UInt8]? {
        guard let field = request.headers[.authorization] else { return nil }
        let words = field.split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bearer", words[1].utf8.count <= 256 else { return [] }
        return Array(words[1].utf8)
    }

    private static func route(of request: Request) throws(RequestError) -> (Route, [String: String]) {
        let path = String(request.uri.path.prefix(4_096))
        switch RouteMatcher.match(method: request.method.rawValue, path: path) {
        case .nothing: throw .noSuchPath(path)
        case .otherMethods(let methods): throw .methodNotAllowed(path: path, allowed: methods)
        case .route(let operation, let parameters):
            guard let route = Route.of(operation) else { throw .noSuchPath(path) }
            return (route, parameters)
        }
    }

    /// A parameter that the route does not know is refused, not ignored: a filter that is misspelt must not give everything.
    private static func query(of request: Request, _ route: Route) throws(RequestError) -> [String: String] {
        var result: [String: String] = [:]
        for pair in (request.uri.query ?? "").split(separator: "&") {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let known = route.query.map(\.name)
            guard let name = percentDecoded(halves[0]), known.contains(name), result[name] == nil else {
                throw .parameter(
                    name: "query", value: String(halves[0].prefix(80)),
                    expected: known.isEmpty ? "none" : "each at most once: " + known.joined(separator: ", "))
            }
            guard halves.count == 2, let value = percentDecoded(halves[1]) else {
                throw .parameter(name: name, value: String(pair.prefix(80)), expected: "NAME=VALUE, percent-encoded UTF-8")
            }
            result[name] = value
        }
        return result
    }

    private static func body(of request: Request) async throws -> [UInt8] {
        var request = request
        // Said before any of it is read.
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > Call.maximumBodyBytes {
            throw RequestError.bodyTooLarge(limit: Call.maximumBodyBytes)
        }
        do {
            return Array(buffer: try await request.collectBody(upTo: Call.maximumBodyBytes))
        } catch is NIOTooManyBytesError {
            throw RequestError.bodyTooLarge(limit: Call.maximumBodyBytes)
        }
    }

    private static func response(_ answer: Answer, contentType: String?) throws -> Response {
        switch answer {
        case .document(let document): return json(try APICoding.encode(document), status: .ok)
        case .json(let bytes): return json(bytes, status: .ok)
        case .text(let text):
            return Response(
                status: .ok, headers: [.contentType: contentType ?? "text/plain"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        case .file(let path): return try FileAnswer.response(path, contentType: contentType ?? "application/octet-stream")
        }
    }

    private static func json(_ bytes: [UInt8], status: HTTPResponse.Status) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

/// What belongs to one connection.
struct ConnectionContext: InitializableFromSource {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) { channel = source.channel }
}
