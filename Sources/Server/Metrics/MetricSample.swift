/// A metric as it is now, with all its series: what an exposition is written from.
package struct MetricFamily: Equatable, Sendable {
    package enum Kind: String, Equatable, Sendable { case counter, gauge, histogram }

    package var name: String
    package var kind: Kind
    /// One line for people.
    package var help: String
    package var series: [MetricSeries]

    package init(_ name: String, _ kind: Kind, help: String, series: [MetricSeries]) {
        self.name = name
        self.kind = kind
        self.help = help
        self.series = series
    }

    /// One value without labels.
    package static func gauge(_ name: String, help: String, _ value: Double) -> MetricFamily {
        MetricFamily(name, .gauge, help: help, series: [MetricSeries(labels: [], value: .number(value))])
    }
}

package struct MetricSeries: Equatable, Sendable {
    package enum Value: Equatable, Sendable {
        case number(Double)
        case distribution(MetricDistribution)
    }

    /// In the order in which they are written.
    package var labels: [MetricLabel]
    package var value: Value

    package init(labels: [MetricLabel], value: Value) {
        self.labels = labels
        self.value = value
    }
}

package struct MetricLabel: Hashable, Sendable, Comparable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    package static func < (one: MetricLabel, other: MetricLabel) -> Bool { (one.name, one.value) < (other.name, other.value) }
}

/// Values counted by their size.
package struct MetricDistribution: Equatable, Sendable {
    /// Upper bounds, ascending, each included.
    package let bounds: [Double]
    /// How many fell into each, and after the last bound; not yet summed up.
    package private(set) var counts: [UInt64]
    package private(set) var sum = 0.0

    package init(bounds: [Double]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    package var count: UInt64 { counts.reduce(0, +) }

    /// What is no number is not counted.
    package mutating func record(_ value: Double) {
        guard !value.isNaN else { return }
        counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        sum += value
    }
}
