import ControllerAPI
import Metrics

/// Counts and times requests, by what they ask for.
struct RequestMeter: Sendable {
    private let metrics: MetricRegistry

    init(_ metrics: MetricRegistry) { self.metrics = metrics }

    /// - Parameters:
    ///   - operation: nil where a request asks for nothing that there is: its path is no label.
    ///   - status: of HTTP.
    func answered(_ operation: ControllerAPI.Operation?, status: Int, since begun: ContinuousClock.Instant) {
        let operation = ("operation", operation?.rawValue ?? "none")
        Counter(
            label: "quartermaster_http_requests_total", dimensions: [operation, ("status", String(status))], factory: metrics
        ).increment()
        let (seconds, attoseconds) = (ContinuousClock.now - begun).components
        Timer(label: "quartermaster_http_request_duration_seconds", dimensions: [operation], factory: metrics)
            .recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
