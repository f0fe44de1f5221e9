import CoreMetrics
import ServerMetrics

/// Counts the ticks of a map for the metrics; the series ends with this object.
final class MapMetrics {
    private let factory: any MetricsFactory
    private let mapID: Int
    private let tick: Timer

    init(mapID: Int, in factory: any MetricsFactory) {
        self.factory = factory
        self.mapID = mapID
        tick = MetricFamily.mapTickDuration.timer("\(mapID)", in: factory)
    }

    deinit { tick.destroy() }

    /// Counts a tick and how long it took.
    func ticked(nanoseconds: UInt64) { tick.recordNanoseconds(nanoseconds) }

    /// Makes the counters of one of the map's scripts.
    func script(_ path: String) -> ScriptMetrics { ScriptMetrics(mapID: mapID, path: path, in: factory) }
}
