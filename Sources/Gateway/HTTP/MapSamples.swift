import ServerMetrics
import Simulation
import World

/// What `/metrics` shows of a map beside what the map counts: its status, which it published at most a quarter of a
/// second ago, so that a scrape asks nothing of the map's thread.
enum MapSamples {
    /// Looks at a map.
    static func all(of map: any MapHandle) -> [MetricSample] {
        let (label, status) = ("\(map.mapID)", map.status)
        let values: [(MetricFamily, Double)] = [
            (.mapLate, map.lateness / .seconds(1)),
            (.mapTicks, Double(status.tick)),
            (.mapTicksMissed, Double(status.ticksMissed)),
            (.mapTicksOverrun, Double(status.ticksOverrun)),
            (.mapTickRate, status.tickRateHz),
            (.mapTickMean, status.tickMeanMs / 1000),
            (.mapTickP95, status.tickP95Ms / 1000),
            (.mapTickP999, status.tickP999Ms / 1000),
            (.mapTickMax, status.tickMaxMs / 1000),
            (.mapPlayers, Double(status.players)),
            (.mapEntities, Double(status.entities)),
            (.mapEvents, Double(status.eventsRun)),
            (.mapEventsPending, Double(status.eventsPending)),
            (.mapEventsWaiting, Double(status.eventsWaiting)),
            (.mapSockets, Double(status.sockets)),
            (.mapSocketEvents, Double(status.socketEventsRun)),
            (.mapSocketEventsRefused, Double(status.socketEventsRefused)),
            (.mapLuaMemory, Double(status.luaBytes)),
            (.mapLuaMemoryLimit, Double(status.luaLimitBytes)),
            (.mapErrors, Double(status.errorCount)),
        ]
        return values.map { $0.sample(label, value: $1) }
    }
}
