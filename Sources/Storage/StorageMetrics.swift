package import CoreMetrics
import ServerMetrics

/// Counts the reads and writes of a store for the metrics. Any task may use it.
package struct StorageMetrics: Sendable {
    /// What is done with the store, the label of its series.
    package enum Operation: String {
        /// Nothing changes.
        case read
        /// Something may change.
        case write
    }

    private struct Series: Sendable {
        let duration: Timer
        let failures: Counter
        let running: Meter

        init(_ operation: Operation, in factory: any MetricsFactory) {
            duration = MetricFamily.storageDuration.timer(operation.rawValue, in: factory)
            failures = MetricFamily.storageFailures.counter(operation.rawValue, in: factory)
            running = MetricFamily.storageQueue.meter(operation.rawValue, in: factory)
        }
    }

    private let reads: Series
    private let writes: Series
    private let now: @Sendable () -> ContinuousClock.Instant

    /// Starts all counts at 0.
    ///
    /// - Parameters:
    ///   - factory: Where they are counted.
    ///   - now: Measures how long operations take.
    package init(in factory: any MetricsFactory, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        reads = Series(.read, in: factory)
        writes = Series(.write, in: factory)
        self.now = now
    }

    /// Runs an operation and counts it.
    ///
    /// - Parameters:
    ///   - operation: What it does with the store.
    ///   - body: The operation.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws; a login that is taken is not counted as a failure.
    package func measure<Value: Sendable>(
        _ operation: Operation, _ body: () async throws(StorageError) -> Value
    ) async throws(StorageError) -> Value {
        let series = operation == .read ? reads : writes
        let start = now()
        series.running.increment()
        defer {
            series.running.decrement()
            series.duration.recordNanoseconds(Int64(start.duration(to: now()) / .nanoseconds(1)))
        }
        do throws(StorageError) {
            return try await body()
        } catch {
            if case .loginTaken = error {} else { series.failures.increment() }
            throw error
        }
    }
}
