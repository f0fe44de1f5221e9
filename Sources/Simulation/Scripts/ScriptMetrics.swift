import CoreMetrics
import ServerMetrics

/// Counts the calls of one script on one map for the metrics, over all its versions; the series end with this object.
///
/// Making and ending it takes the lock of the registry; counting takes none and allocates nothing.
final class ScriptMetrics {
    private let calls: Counter
    private let cpu: Counter
    private let errors: Counter

    init(mapID: Int, path: String, in factory: any MetricsFactory) {
        calls = MetricFamily.scriptCalls.counter("\(mapID)", path, in: factory)
        cpu = MetricFamily.scriptCPU.counter("\(mapID)", path, in: factory)
        errors = MetricFamily.scriptErrors.counter("\(mapID)", path, in: factory)
    }

    deinit {
        calls.destroy()
        cpu.destroy()
        errors.destroy()
    }

    /// Counts a call and its CPU time.
    func called(cpuNanoseconds: UInt64) {
        calls.increment()
        cpu.increment(by: Int64(truncatingIfNeeded: cpuNanoseconds))
    }

    /// Counts a call that ended by an error or a limit.
    func failed() { errors.increment() }
}
