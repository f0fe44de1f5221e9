/// What a map is doing, cheap enough to ask for on every scrape.
package struct MapStatus: Sendable, Codable, Equatable {
    package var mapID: Int
    package var name: String
    package var tick: UInt64
    /// Ticks a second the map should make.
    package var targetTickRateHz: Double
    /// Ticks a second it made lately; 0 for a map that has nothing to do.
    package var tickRateHz: Double
    package var tickMeanMs: Double
    package var tickP95Ms: Double
    package var tickMaxMs: Double
    /// The longest tick of the last 10 to 20 seconds.
    package var tickRecentMaxMs: Double
    /// The same in CPU time, in which other programs on the machine do not count.
    package var tickRecentMaxCpuMs: Double
    package var players: Int
    package var entities: Int
    package var errorCount: Int

    package init(
        mapID: Int, name: String = "", tick: UInt64 = 0, targetTickRateHz: Double = 60, tickRateHz: Double = 0,
        tickMeanMs: Double = 0, tickP95Ms: Double = 0, tickMaxMs: Double = 0, tickRecentMaxMs: Double = 0,
        tickRecentMaxCpuMs: Double = 0, players: Int = 0, entities: Int = 0, errorCount: Int = 0
    ) {
        self.mapID = mapID
        self.name = name
        self.tick = tick
        self.targetTickRateHz = targetTickRateHz
        self.tickRateHz = tickRateHz
        self.tickMeanMs = tickMeanMs
        self.tickP95Ms = tickP95Ms
        self.tickMaxMs = tickMaxMs
        self.tickRecentMaxMs = tickRecentMaxMs
        self.tickRecentMaxCpuMs = tickRecentMaxCpuMs
        self.players = players
        self.entities = entities
        self.errorCount = errorCount
    }
}
