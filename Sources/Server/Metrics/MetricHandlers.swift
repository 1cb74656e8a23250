import Metrics
import Synchronization

/// What only grows.
final class CounterValue: CounterHandler {
    private let value = Atomic<Int64>(0)

    var now: Double { Double(value.load(ordering: .relaxed)) }

    /// What would make it smaller is nothing; what would not fit any more stays at the end.
    func increment(by amount: Int64) {
        guard amount > 0 else { return }
        let before = value.wrappingAdd(amount, ordering: .relaxed).oldValue
        if before > Int64.max - amount { value.store(.max, ordering: .relaxed) }
    }

    func reset() { value.store(0, ordering: .relaxed) }
}

/// What goes up and down, or is set; a recorder that does not aggregate is the same.
final class GaugeValue: MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    var now: Double { value.withLock { $0 } }

    func set(_ new: Int64) { set(Double(new)) }
    func set(_ new: Double) { value.withLock { $0 = new } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ new: Int64) { set(Double(new)) }
    func record(_ new: Double) { set(new) }
}

/// Values or times, counted by their size. Times are kept in seconds.
final class HistogramValue: RecorderHandler, TimerHandler {
    private let distribution: Mutex<MetricDistribution>

    init(bounds: [Double]) { distribution = Mutex(MetricDistribution(bounds: bounds)) }

    var now: MetricDistribution { distribution.withLock { $0 } }

    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) { distribution.withLock { $0.record(value) } }
    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}
