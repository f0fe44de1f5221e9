package import CoreMetrics
import Synchronization

/// Keeps the series of all ``MetricFamily/all`` and shows them in Prometheus' text format. Any thread may use it.
///
/// Code that counts makes `Counter`, `Meter` and `Timer` of swift-metrics in this factory once, and keeps them. Making
/// and destroying series takes a lock; recording takes none.
///
/// A factory of each server, not swift-metrics' global one, because several servers may run in one process, as in
/// tests. Labels that are no family of this server record nothing, so the number of series has a bound.
package final class MetricRegistry: MetricsFactory {
    /// The most series of one family; more record nothing, and are counted.
    package static let maxSeries = 10_000

    private struct Entry {
        let series: any MetricSeries
        /// How often the series was made and not yet destroyed. A map that opens before its former one has ended
        /// shares the series.
        var users = 1
    }

    private static let families = Dictionary(uniqueKeysWithValues: MetricFamily.all.map { ($0.name, $0) })

    /// By family and values of its labels.
    private let series = Mutex<[String: [[String]: Entry]]>([:])
    private let leftOut = Atomic<Int>(0)

    /// Makes a registry without series.
    package init() {}

    // MARK: Reading

    /// All series, and values that are looked up for this text.
    ///
    /// - Parameter samples: The looked up values.
    /// - Returns: Prometheus' text format, version 0.0.4.
    /// - Complexity: O(n log n), where n is the number of series.
    package func text(with samples: [MetricSample] = []) -> String {
        let series = series.withLock { $0 }
        var sampled = Dictionary(grouping: samples) { $0.family.name }
        sampled[MetricFamily.seriesLeftOut.name] = [
            MetricFamily.seriesLeftOut.sample(value: Double(leftOut.load(ordering: .relaxed)))
        ]
        var text = PrometheusText()
        for family in MetricFamily.all {
            let counted = series[family.name] ?? [:]
            let looked = sampled[family.name] ?? []
            guard !counted.isEmpty || !looked.isEmpty else { continue }
            text.begin(family)
            for sample in looked { text.add(family, sample.labels, sample.value) }
            for (_, entry) in counted.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                entry.series.write(to: &text)
            }
        }
        return text.text
    }

    /// The value of one series.
    ///
    /// - Parameters:
    ///   - family: Its family.
    ///   - labels: The values of its labels, in order.
    /// - Returns: The value; of a histogram, the number of durations; `nil` when there is no such series.
    package func value(_ family: MetricFamily, _ labels: String...) -> Double? {
        series.withLock { $0[family.name]?[labels]?.series }?.value
    }

    // MARK: MetricsFactory

    /// Makes the series of a counter, or finds it.
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        make(label, dimensions, .counter) as CounterSeries? ?? NOOPMetricsHandler.instance
    }

    /// Makes the series of a gauge, or finds it.
    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        make(label, dimensions, .gauge) as MeterSeries? ?? NOOPMetricsHandler.instance
    }

    /// Makes the series of a histogram, or finds it.
    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        make(label, dimensions, .histogram) as HistogramSeries? ?? NOOPMetricsHandler.instance
    }

    /// Makes nothing: no family holds what a `Recorder` records.
    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        NOOPMetricsHandler.instance
    }

    /// Ends a use of a counter.
    package func destroyCounter(_ handler: any CounterHandler) { destroy(handler) }
    /// Ends a use of a gauge.
    package func destroyMeter(_ handler: any MeterHandler) { destroy(handler) }
    /// Ends a use of a histogram.
    package func destroyTimer(_ handler: any TimerHandler) { destroy(handler) }
    /// Does nothing, as there is none.
    package func destroyRecorder(_ handler: any RecorderHandler) {}

    /// The series of a name and labels, made when it is new; `nil` when it is of no family, or one too many.
    private func make<Series: MetricSeries>(
        _ name: String, _ dimensions: [(String, String)], _ kind: MetricFamily.Kind
    ) -> Series? {
        guard let family = Self.families[name], family.kind == kind, family.labels == dimensions.map(\.0) else {
            return nil
        }
        let labels = dimensions.map(\.1)
        let found: Series? = series.withLock { all in
            if let known = all[name]?[labels]?.series as? Series {
                all[name]?[labels]?.users += 1
                return known
            }
            guard all[name, default: [:]].count < Self.maxSeries else { return nil }
            let made = Series(family, labels)
            all[name, default: [:]][labels] = Entry(series: made)
            return made
        }
        if found == nil { leftOut.wrappingAdd(1, ordering: .relaxed) }
        return found
    }

    /// Ends a use of a series; the series goes with its last use.
    private func destroy(_ handler: AnyObject) {
        guard let ended = handler as? any MetricSeries else { return }
        let (name, labels) = (ended.family.name, ended.labels)
        series.withLock { all in
            guard let entry = all[name]?[labels], entry.series === ended else { return }
            all[name]?[labels] = entry.users > 1 ? Entry(series: ended, users: entry.users - 1) : nil
        }
    }
}
