/// What each map and each of its scripts does.
extension MetricFamily {
    private static let map = ["map"]
    private static let script = ["map", "script"]

    /// For how long a tick has been due that has not ended.
    package static let mapLate = gauge(
        "perigee_map_late_seconds", by: map, "For how long a tick has been due that has not ended")
    /// Ticks made.
    package static let mapTicks = counter("perigee_map_ticks_total", by: map, "Ticks made")
    /// Ticks that were skipped.
    package static let mapTicksMissed = counter(
        "perigee_map_ticks_missed_total", by: map, "Ticks skipped because those before them took too long")
    /// Ticks that took longer than their interval.
    package static let mapTicksOverrun = counter(
        "perigee_map_ticks_overrun_total", by: map, "Ticks that took longer than their interval")
    /// How long ticks take. The bounds lie just below the tick intervals of 240, 120, 60 and 30 Hz.
    package static let mapTickDuration = histogram(
        "perigee_map_tick_duration_seconds", by: map, "Time of a tick",
        bounds: [
            250, 500, 1000, 2000, 4000, 8000, 16_000, 33_000, 66_000, 125_000, 250_000, 500_000, 1_000_000,
        ])
    /// Ticks a second lately.
    package static let mapTickRate = gauge(
        "perigee_map_tick_rate_hertz", by: map, "Ticks a second lately; 0 for an idle map")
    /// The mean time of a tick.
    package static let mapTickMean = gauge(
        "perigee_map_tick_mean_seconds", by: map, "Mean time of a tick since the map opened")
    /// The 95th percentile of the time of a tick.
    package static let mapTickP95 = gauge("perigee_map_tick_p95_seconds", by: map, "95th percentile of it")
    /// The 99.9th percentile of the time of a tick.
    package static let mapTickP999 = gauge("perigee_map_tick_p999_seconds", by: map, "99.9th percentile of it")
    /// The longest tick.
    package static let mapTickMax = gauge("perigee_map_tick_max_seconds", by: map, "Longest tick since the map opened")
    /// Players on the map.
    package static let mapPlayers = gauge("perigee_map_players", by: map, "Players on the map")
    /// Entities on the map.
    package static let mapEntities = gauge("perigee_map_entities", by: map, "Entities on the map, players included")
    /// Due events that had their turn.
    package static let mapEvents = counter(
        "perigee_map_events_total", by: map, "Events that became due and had their turn")
    /// Events in the queues of entities.
    package static let mapEventsPending = gauge(
        "perigee_map_events_pending", by: map, "Events in the queues of the map's entities, due or not")
    /// Events that are due and for which ticks had no time.
    package static let mapEventsWaiting = gauge(
        "perigee_map_events_waiting", by: map, "Events that are due and for which the last tick had no time")
    /// Connected sockets of Socket.IO.
    package static let mapSockets = gauge(
        "perigee_map_sockets", by: map, "Clients of Socket.IO that are connected to the map's socket events")
    /// Events of sockets that ran.
    package static let mapSocketEvents = counter(
        "perigee_map_socket_events_total", by: map, "Socket events of clients whose scripts ran")
    /// Events of sockets without a script.
    package static let mapSocketEventsRefused = counter(
        "perigee_map_socket_events_refused_total", by: map, "Socket events of clients that have no script")
    /// Memory of the map's scripts.
    package static let mapLuaMemory = gauge(
        "perigee_map_lua_memory_bytes", by: map, "Memory of the map's scripts, garbage included")
    /// The limit of that memory.
    package static let mapLuaMemoryLimit = gauge(
        "perigee_map_lua_memory_limit_bytes", by: map, "The most that it may be (`memory_limit_mb`)")
    /// Entries in the map's error log.
    package static let mapErrors = counter(
        "perigee_map_script_errors_total", by: map, "Entries in the map's error log")

    /// Calls of a script.
    package static let scriptCalls = counter(
        "perigee_script_calls_total", by: script, "Calls of a script; a script that never ran is left out")
    /// CPU time of a script's calls.
    package static let scriptCPU = counter(
        "perigee_script_cpu_seconds_total", by: script,
        "CPU time of its calls, with the triggers and hooks that they caused", isTime: true)
    /// Calls of a script that failed.
    package static let scriptErrors = counter(
        "perigee_script_errors_total", by: script, "Calls of it that ended by an error or a limit")

    static let maps = [
        mapLate, mapTicks, mapTicksMissed, mapTicksOverrun, mapTickDuration, mapTickRate, mapTickMean, mapTickP95,
        mapTickP999, mapTickMax, mapPlayers, mapEntities, mapEvents, mapEventsPending, mapEventsWaiting, mapSockets,
        mapSocketEvents, mapSocketEventsRefused, mapLuaMemory, mapLuaMemoryLimit, mapErrors, scriptCalls, scriptCPU,
        scriptErrors,
    ]
}
