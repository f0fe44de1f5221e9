internal import Histogram

/// Durations from 1 µs to 60 s with three significant digits, in constant memory (HdrHistogram).
package struct LatencyHistogram: Sendable {
    /// The figures of a histogram for a report; all durations in milliseconds.
    package struct Summary: Sendable, Equatable {
        /// How many durations were recorded.
        package var count = 0
        /// The mean.
        package var mean = 0.0
        /// The median.
        package var p50 = 0.0
        /// The 95th percentile.
        package var p95 = 0.0
        /// The 99th percentile.
        package var p99 = 0.0
        /// The longest duration.
        package var max = 0.0
    }

    private static let longestMicroseconds: UInt64 = 60_000_000
    private var histogram = Histogram<UInt64>(
        lowestDiscernibleValue: 1, highestTrackableValue: longestMicroseconds, numberOfSignificantValueDigits: .three)

    /// Makes an empty histogram.
    package init() {}

    /// Records one duration; more than 60 s counts as 60 s, less than 1 µs as 1 µs.
    ///
    /// - Parameter nanoseconds: The duration.
    package mutating func record(nanoseconds: Int64) {
        let microseconds = UInt64(clamping: nanoseconds) / 1_000
        _ = histogram.record(min(max(microseconds, 1), Self.longestMicroseconds))
    }

    /// Adds the durations of another histogram.
    ///
    /// - Parameter other: The other histogram.
    package mutating func add(_ other: LatencyHistogram) { histogram.add(other.histogram) }

    /// Count, mean and percentiles; all zero when nothing was recorded.
    package var summary: Summary {
        guard histogram.totalCount > 0 else { return Summary() }
        func milliseconds(_ percentile: Double) -> Double { Double(histogram.valueAtPercentile(percentile)) / 1_000 }
        return Summary(
            count: Int(histogram.totalCount), mean: histogram.mean / 1_000, p50: milliseconds(50),
            p95: milliseconds(95), p99: milliseconds(99), max: Double(histogram.maxRecorded) / 1_000)
    }
}
