import Metrics
import Synchronization

/// Keeps what a controller counts and times, for `/metrics`. A value of its own, passed to whoever counts: two controllers in one process
/// count apart.
///
/// Bounded: a metric has `seriesLimit` series, of which the last takes what comes beyond, with each of its labels `other`. Thread-safe; a handler
/// counts without asking the registry.
package final class MetricRegistry: MetricsFactory {
    package static let seriesLimit = 1_000
    package static let familyLimit = 500

    private enum Handler {
        case counter(CounterValue)
        case gauge(GaugeValue)
        case histogram(HistogramValue)

        var kind: MetricFamily.Kind {
            switch self {
            case .counter: .counter
            case .gauge: .gauge
            case .histogram: .histogram
            }
        }

        var now: MetricSeries.Value {
            switch self {
            case .counter(let value): .number(value.now)
            case .gauge(let value): .number(value.now)
            case .histogram(let value): .distribution(value.now)
            }
        }
    }

    private struct Family {
        let kind: MetricFamily.Kind
        var series: [[MetricLabel]: Handler] = [:]
    }

    private let families = Mutex<[String: Family]>([:])

    package init() {}

    /// All that was made, as it is now.
    package func snapshot() -> [MetricFamily] {
        families.withLock { families in
            families.map { name, family in
                MetricFamily(
                    name, family.kind, help: MetricCatalogue.help(name),
                    series: family.series.map { MetricSeries(labels: $0.key, value: $0.value.now) })
            }
        }
    }

    // MARK: MetricsFactory

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        let made = CounterValue()
        if case .counter(let known)? = take(label, dimensions, .counter(made)) { return known }
        return made
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler { gauge(label, dimensions) }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate { histogram(label, dimensions) } else { gauge(label, dimensions) }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { histogram(label, dimensions) }

    // What was counted stays counted: a series that is gone would be one that begins anew.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeValue {
        let made = GaugeValue()
        if case .gauge(let known)? = take(label, dimensions, .gauge(made)) { return known }
        return made
    }

    private func histogram(_ label: String, _ dimensions: [(String, String)]) -> HistogramValue {
        let made = HistogramValue(bounds: MetricCatalogue.bounds(PrometheusText.metricName(label)))
        if case .histogram(let known)? = take(label, dimensions, .histogram(made)) { return known }
        return made
    }

    /// The handler that is kept under this name and these labels: a former one, else this. Nil, and nothing is kept, where the name is of
    /// another kind, or there are too many names.
    private func take(_ label: String, _ dimensions: [(String, String)], _ made: Handler) -> Handler? {
        let name = PrometheusText.metricName(label)
        var labels = Dictionary(dimensions.map { (PrometheusText.labelName($0.0), $0.1) }) { first, _ in first }
            .map { MetricLabel($0.key, $0.value) }.sorted()
        return families.withLock { families in
            guard families[name] != nil || families.count < Self.familyLimit else { return nil }
            var family = families[name] ?? Family(kind: made.kind)
            guard family.kind == made.kind else { return nil }
            if family.series[labels] == nil, family.series.count >= Self.seriesLimit - 1 {
                labels = labels.map { MetricLabel($0.name, "other") }
            }
            let kept = family.series[labels] ?? made
            family.series[labels] = kept
            families[name] = family
            return kept
        }
    }
}
