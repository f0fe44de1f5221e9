import CoreMetrics
import Synchronization

/// The values of one series. Any thread may record; recording allocates nothing and takes no lock.
protocol MetricSeries: AnyObject, Sendable {
    var family: MetricFamily { get }
    /// The values of the family's labels.
    var labels: [String] { get }
    /// The value; of a histogram, the number of durations.
    var value: Double { get }

    init(_ family: MetricFamily, _ labels: [String])

    /// Appends the lines of the series to a text.
    func write(to text: inout PrometheusText)
}

extension MetricSeries {
    func write(to text: inout PrometheusText) { text.add(family, labels, value) }
}

/// A counter.
final class CounterSeries: MetricSeries, CounterHandler {
    let family: MetricFamily
    let labels: [String]
    private let count = Atomic<Int64>(0)

    init(_ family: MetricFamily, _ labels: [String]) { (self.family, self.labels) = (family, labels) }

    func increment(by amount: Int64) { count.wrappingAdd(amount, ordering: .relaxed) }

    func reset() { count.store(0, ordering: .relaxed) }

    var value: Double {
        let count = Double(count.load(ordering: .relaxed))
        return family.isTime ? count / 1e9 : count
    }
}

/// A gauge.
final class MeterSeries: MetricSeries, MeterHandler {
    let family: MetricFamily
    let labels: [String]
    /// The bits of a `Double`.
    private let bits = Atomic<UInt64>(0)

    init(_ family: MetricFamily, _ labels: [String]) { (self.family, self.labels) = (family, labels) }

    func set(_ value: Int64) { set(Double(value)) }

    func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    func increment(by amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let result = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if result.exchanged { return }
            old = result.original
        }
    }

    func decrement(by amount: Double) { increment(by: -amount) }

    var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
}

/// A histogram of durations.
final class HistogramSeries: MetricSeries, TimerHandler {
    let family: MetricFamily
    let labels: [String]
    /// The durations up to each bound and above the one before it; at the place after the last bound, the longer ones.
    private let counts = InlineArray<16, Atomic<Int>> { _ in Atomic(0) }
    /// The first of the family's bounds, as many as `counts` has places for.
    private let bounds: ArraySlice<Int64>
    private let nanoseconds = Atomic<Int64>(0)

    init(_ family: MetricFamily, _ labels: [String]) {
        (self.family, self.labels) = (family, labels)
        bounds = family.bounds.prefix(counts.count - 1)
    }

    func recordNanoseconds(_ duration: Int64) {
        var place = 0
        while place < bounds.count, duration > bounds[place] { place += 1 }
        counts[place].wrappingAdd(1, ordering: .relaxed)
        nanoseconds.wrappingAdd(duration, ordering: .relaxed)
    }

    var value: Double {
        Double((0...bounds.count).reduce(0) { $0 + counts[$1].load(ordering: .relaxed) })
    }

    func write(to text: inout PrometheusText) {
        var sum = 0
        for (place, bound) in bounds.enumerated() {
            sum += counts[place].load(ordering: .relaxed)
            text.add(family, labels, Double(sum), suffix: "_bucket", bound: Double(bound) / 1e9)
        }
        sum += counts[bounds.count].load(ordering: .relaxed)
        text.add(family, labels, Double(sum), suffix: "_bucket", bound: .infinity)
        text.add(family, labels, Double(nanoseconds.load(ordering: .relaxed)) / 1e9, suffix: "_sum")
        text.add(family, labels, Double(sum), suffix: "_count")
    }
}
