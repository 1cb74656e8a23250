import Foundation
import Metrics
import Testing

@testable import Server

@Suite struct MetricRegistryTests {
    private func text(_ registry: MetricRegistry) -> String { PrometheusText.text(registry.snapshot()) }

    @Test func countersGaugesAndHistogramsAreWrittenInTheOrderOfTheirNames() {
        let registry = MetricRegistry()
        Counter(label: "b_total", dimensions: [("outcome", "done")], factory: registry).increment(by: 3)
        Counter(label: "b_total", dimensions: [("outcome", "done")], factory: registry).increment()
        Counter(label: "b_total", dimensions: [("daemon", "x"), ("outcome", "bad")], factory: registry).increment()
        Meter(label: "a_level", factory: registry).set(2.5)
        let timer = Timer(label: "c_seconds", factory: registry)
        timer.recordNanoseconds(5_000_000)
        timer.recordNanoseconds(2_000_000_000)
        timer.recordNanoseconds(4_000_000_000_000)
        #expect(
            text(registry) == """
                # HELP a_level No description.
                # TYPE a_level gauge
                a_level 2.5
                # HELP b_total No description.
                # TYPE b_total counter
                b_total{daemon="x",outcome="bad"} 1
                b_total{outcome="done"} 4
                # HELP c_seconds No description.
                # TYPE c_seconds histogram
                c_seconds_bucket{le="0.001"} 0
                c_seconds_bucket{le="0.005"} 1
                c_seconds_bucket{le="0.01"} 1
                c_seconds_bucket{le="0.05"} 1
                c_seconds_bucket{le="0.1"} 1
                c_seconds_bucket{le="0.5"} 1
                c_seconds_bucket{le="1"} 1
                c_seconds_bucket{le="5"} 2
                c_seconds_bucket{le="10"} 2
                c_seconds_bucket{le="30"} 2
                c_seconds_bucket{le="60"} 2
                c_seconds_bucket{le="300"} 2
                c_seconds_bucket{le="+Inf"} 3
                c_seconds_sum 4002.005
                c_seconds_count 3

                """)
    }

    @Test func whatALabelHoldsIsEscaped() {
        let registry = MetricRegistry()
        Counter(label: "a_total", dimensions: [("path", "C:\\\"x\"\nü")], factory: registry).increment()
        #expect(text(registry).hasSuffix("a_total{path=\"C:\\\\\\\"x\\\"\\nü\"} 1\n"))
        #expect(PrometheusText.escaped("a\\b\n\"c\"", quotes: false) == "a\\\\b\\n\"c\"")
    }

    @Test(arguments: [("9 lives-left", "_9_lives_left"), ("a:b", "a:b"), ("", "_"), ("größe", "gr__e")])
    func aNameIsMadeOneThatTheFormatAllows(given: String, written: String) {
        #expect(PrometheusText.metricName(given) == written)
        #expect(!PrometheusText.labelName(given).contains(":"))
    }

    @Test(arguments: [(0.0, "0"), (-3, "-3"), (1.5, "1.5"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (1e300, "1e+300")])
    func aNumberIsWrittenAsTheFormatReadsIt(value: Double, text: String) { #expect(PrometheusText.number(value) == text) }

    @Test func aMetricHasABoundedNumberOfSeries() {
        let registry = MetricRegistry()
        for number in 0..<3_000 {
            Counter(label: "a_total", dimensions: [("host", "h\(number)")], factory: registry).increment()
        }
        let family = registry.snapshot()[0]
        #expect(family.series.count == MetricRegistry.seriesLimit)
        let rest = family.series.first { $0.labels == [MetricLabel("host", "other")] }
        #expect(rest?.value == .number(Double(3_000 - (MetricRegistry.seriesLimit - 1))))
        for number in 0..<1_000 { Counter(label: "n\(number)_total", factory: registry).increment() }
        #expect(registry.snapshot().count == MetricRegistry.familyLimit)
    }

    @Test func aNameOfAnotherKindIsNotWrittenTwice() {
        let registry = MetricRegistry()
        Counter(label: "a", factory: registry).increment()
        Meter(label: "a", factory: registry).set(7)
        Recorder(label: "a", factory: registry).record(7)
        #expect(text(registry) == "# HELP a No description.\n# TYPE a counter\na 1\n")
    }

    @Test func aCounterDoesNotGoBackOrOver() {
        let registry = MetricRegistry()
        let counter = Counter(label: "a_total", factory: registry)
        counter.increment(by: Int64.max)
        counter.increment(by: Int64.max)
        counter.increment(by: Int64(-5))
        #expect(registry.snapshot()[0].series[0].value == .number(Double(Int64.max)))
    }

    @Test func manyThreadsLoseNothing() async {
        let registry = MetricRegistry()
        await withDiscardingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1_000 {
                        Counter(label: "a_total", factory: registry).increment()
                        Timer(label: "b_seconds", factory: registry).recordNanoseconds(1_000_000_000)
                    }
                }
            }
        }
        #expect(text(registry).contains("\na_total 8000\n"))
        #expect(text(registry).contains("b_seconds_sum 8000\nb_seconds_count 8000\n"))
    }
}
