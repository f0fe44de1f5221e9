package import CoreMetrics

/// The metrics of one name: what they mean, and the labels by which its series differ.
///
/// ``all`` has every family of the server; `docs/metrics.md` shows the same table.
package struct MetricFamily: Sendable, Equatable {
    /// How Prometheus reads the values.
    package enum Kind: String, Sendable {
        /// Only grows while the server runs.
        case counter
        /// Goes up and down.
        case gauge
        /// Counts durations up to each bound.
        case histogram
    }

    /// The name, as Prometheus asks for it: base units, and `_total` at the end of counters.
    package let name: String
    /// How Prometheus reads the values.
    package let kind: Kind
    /// The names of the labels, in order.
    package let labels: [String]
    /// What the values are, as one phrase.
    package let help: String
    /// Whether what is recorded is in nanoseconds; the values that are shown are in seconds.
    let isTime: Bool
    /// The upper bounds of a histogram's buckets in nanoseconds, in ascending order, without infinity.
    let bounds: [Int64]

    static func counter(_ name: String, by labels: [String] = [], _ help: String, isTime: Bool = false) -> Self {
        Self(name: name, kind: .counter, labels: labels, help: help, isTime: isTime, bounds: [])
    }

    static func gauge(_ name: String, by labels: [String] = [], _ help: String) -> Self {
        Self(name: name, kind: .gauge, labels: labels, help: help, isTime: false, bounds: [])
    }

    /// A histogram; `bounds` are in microseconds.
    static func histogram(_ name: String, by labels: [String] = [], _ help: String, bounds: [Int64]) -> Self {
        Self(name: name, kind: .histogram, labels: labels, help: help, isTime: true, bounds: bounds.map { $0 * 1000 })
    }

    /// The family's line of the table in the documentation.
    package var documentation: String {
        "| `\(name)` | \(kind.rawValue) | \(labels.map { "`\($0)`" }.joined(separator: ", ")) | \(help) |"
    }
}

extension MetricFamily {
    /// A counter of this family; `destroy()` ends its series.
    ///
    /// - Parameters:
    ///   - values: The values of ``labels``, in order.
    ///   - factory: Where it is counted.
    /// - Returns: The counter.
    package func counter(_ values: String..., in factory: any MetricsFactory) -> Counter {
        Counter(label: name, dimensions: dimensions(values), factory: factory)
    }

    /// A gauge of this family; `destroy()` ends its series.
    ///
    /// - Parameters:
    ///   - values: The values of ``labels``, in order.
    ///   - factory: Where it is kept.
    /// - Returns: The gauge.
    package func meter(_ values: String..., in factory: any MetricsFactory) -> Meter {
        Meter(label: name, dimensions: dimensions(values), factory: factory)
    }

    /// A histogram of this family; `destroy()` ends its series.
    ///
    /// - Parameters:
    ///   - values: The values of ``labels``, in order.
    ///   - factory: Where it is counted.
    /// - Returns: The histogram.
    package func timer(_ values: String..., in factory: any MetricsFactory) -> Timer {
        Timer(label: name, dimensions: dimensions(values), factory: factory)
    }

    /// A value that is looked up when the metrics are read.
    ///
    /// - Parameters:
    ///   - values: The values of ``labels``, in order.
    ///   - value: The value, in the unit of the name.
    /// - Returns: The sample.
    package func sample(_ values: String..., value: Double) -> MetricSample {
        MetricSample(family: self, labels: values, value: value)
    }

    private func dimensions(_ values: [String]) -> [(String, String)] { Array(zip(labels, values)) }
}

/// A value that is looked up when the metrics are read, instead of being counted as things happen.
package struct MetricSample: Sendable, Equatable {
    /// The family.
    package let family: MetricFamily
    /// The values of its labels, in order.
    package let labels: [String]
    /// The value, in the unit of the family's name.
    package let value: Double
}
