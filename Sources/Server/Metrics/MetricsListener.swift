import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// Serves `/metrics`, and nothing else, on a TCP port of this machine, to whoever is on it: a scraper that cannot ask over the Unix socket.
/// An address that cannot be had is said in the log; the controller runs without it.
struct MetricsListener: Service {
    let address: LoopbackAddress
    let answer: MetricsAnswer
    let logger: Logger

    func run() async throws {
        let application = Application(
            responder: MetricsResponder(answer: answer, logger: logger), server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: ApplicationConfiguration(address: .hostname(address.host, port: address.port)), logger: logger)
        do {
            try await application.run()
        } catch {
            logger.error("no metrics at metricsListen", metadata: ["address": "\(address)", "reason": "\(error)"])
            // Ends when the controller does: a service that ends before would end it.
            try? await gracefulShutdown()
        }
    }
}

private struct MetricsResponder: HTTPResponder {
    let answer: MetricsAnswer
    let logger: Logger

    func respond(to request: Request, context: ConnectionContext) async throws -> Response {
        guard request.uri.path == "/metrics" else { return Self.text(.notFound, "only /metrics is served here\n", "text/plain") }
        guard request.method == .get else { return Self.text(.methodNotAllowed, "only GET is served here\n", "text/plain") }
        do {
            return Self.text(.ok, try await answer.text(), PrometheusText.contentType)
        } catch {
            logger.error("metrics were not answered", metadata: ["reason": "\(error)"])
            return Self.text(.internalServerError, "the log of the controller says why\n", "text/plain")
        }
    }

    private static func text(_ status: HTTPResponse.Status, _ text: String, _ contentType: String) -> Response {
        Response(status: status, headers: [.contentType: contentType], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
