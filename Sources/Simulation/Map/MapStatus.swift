/// The state and the load of a map; cheap enough to read at every scrape of the metrics.
package struct MapStatus: Sendable, Codable, Equatable {
    /// The map's number.
    package var mapID: Int
    /// When the map was in this state, Unix time in seconds. A map that sleeps does not renew it.
    package var time: Double
    /// The map's name.
    package var name: String
    /// The number of the last tick.
    package var tick: UInt64
    /// Ticks a second that the map should run.
    package var targetTickRateHz: Double
    /// Ticks a second that it ran recently; 0 for a map that has nothing to do.
    package var tickRateHz: Double
    /// The mean duration of a tick, in milliseconds.
    package var tickMeanMs: Double
    /// The 95th percentile of a tick's duration, in milliseconds.
    package var tickP95Ms: Double
    /// What 999 of 1,000 ticks don't exceed, in milliseconds.
    package var tickP999Ms: Double
    /// The longest tick since the map was made, in milliseconds.
    package var tickMaxMs: Double
    /// Ticks that were skipped, because the ticks before them took too long, since the map was made.
    package var ticksMissed: UInt64
    /// The longest tick of the last 20 seconds, in milliseconds.
    package var tickRecentMaxMs: Double
    /// The largest CPU time of one tick in the same period, in milliseconds; other programs don't add to it.
    package var tickRecentMaxCpuMs: Double
    /// The mean duration of the latest ticks (``RecentTicks``), in milliseconds; 0 when there was none lately.
    package var tickNowMeanMs: Double
    /// What 19 of 20 of the latest ticks don't exceed, in milliseconds; 0 when there was none lately.
    package var tickNowP95Ms: Double
    /// Connected players.
    package var players: Int
    /// Connected sockets of Socket.IO.
    package var sockets: Int
    /// Events of sockets that ran, since the map was made.
    package var socketEventsRun: UInt64
    /// Events of sockets for which the game has no script, since the map was made.
    package var socketEventsRefused: UInt64
    /// Entities of all kinds.
    package var entities: Int
    /// Errors since the map was made.
    package var errorCount: Int
    /// Ticks that took longer than their interval, since the map was made.
    package var ticksOverrun: UInt64
    /// Events that became due and had their turn, since the map was made.
    package var eventsRun: UInt64
    /// Events in the queues of the map's entities, due or not.
    package var eventsPending: Int
    /// Events that are due and for which the last tick had no time.
    package var eventsWaiting: Int
    /// Memory of the map's scripts, garbage included, in bytes.
    package var luaBytes: Int
    /// The most that it may be, in bytes.
    package var luaLimitBytes: Int
    /// What the texts and tables of the map's entities weigh, in bytes.
    package var worldBytes: Int
    /// Bytes that were sent to the map's players since the map was made; see ``TrafficMeter``.
    package var sentBytes: UInt64
    /// Bytes that the map's players sent since the map was made.
    package var receivedBytes: UInt64
    /// The libs that do not run as their files say, by ascending path: the former ones go on, or they define nothing.
    package var failedLibs: [String]

    /// Makes a status; what is left out is 0.
    package init(
        mapID: Int, time: Double = 0, name: String = "", tick: UInt64 = 0, targetTickRateHz: Double = 60,
        tickRateHz: Double = 0,
        tickMeanMs: Double = 0, tickP95Ms: Double = 0, tickP999Ms: Double = 0, tickMaxMs: Double = 0,
        ticksMissed: UInt64 = 0, tickRecentMaxMs: Double = 0, tickRecentMaxCpuMs: Double = 0,
        tickNowMeanMs: Double = 0, tickNowP95Ms: Double = 0, players: Int = 0, sockets: Int = 0,
        socketEventsRun: UInt64 = 0, socketEventsRefused: UInt64 = 0, entities: Int = 0, errorCount: Int = 0,
        ticksOverrun: UInt64 = 0, eventsRun: UInt64 = 0,
        eventsPending: Int = 0, eventsWaiting: Int = 0, luaBytes: Int = 0, luaLimitBytes: Int = 0,
        worldBytes: Int = 0, sentBytes: UInt64 = 0, receivedBytes: UInt64 = 0, failedLibs: [String] = []
    ) {
        self.mapID = mapID
        self.time = time
        self.name = name
        self.tick = tick
        self.targetTickRateHz = targetTickRateHz
        self.tickRateHz = tickRateHz
        self.tickMeanMs = tickMeanMs
        self.tickP95Ms = tickP95Ms
        self.tickP999Ms = tickP999Ms
        self.tickMaxMs = tickMaxMs
        self.ticksMissed = ticksMissed
        self.tickRecentMaxMs = tickRecentMaxMs
        self.tickRecentMaxCpuMs = tickRecentMaxCpuMs
        self.tickNowMeanMs = tickNowMeanMs
        self.tickNowP95Ms = tickNowP95Ms
        self.players = players
        self.sockets = sockets
        self.socketEventsRun = socketEventsRun
        self.socketEventsRefused = socketEventsRefused
        self.entities = entities
        self.errorCount = errorCount
        self.ticksOverrun = ticksOverrun
        self.eventsRun = eventsRun
        self.eventsPending = eventsPending
        self.eventsWaiting = eventsWaiting
        self.luaBytes = luaBytes
        self.luaLimitBytes = luaLimitBytes
        self.worldBytes = worldBytes
        self.sentBytes = sentBytes
        self.receivedBytes = receivedBytes
        self.failedLibs = failedLibs
    }
}
