import Storage

/// What scripts and ticks cost [M7.5, M7.6].
extension Endpoint {
    /// The page of costs.
    package static let performancePage = Endpoint(
        "pages.performance", .get, "/admin/performance", .viewer,
        "What the scripts of a map cost, over time and by line")
    /// What scripts cost.
    package static let performance = Endpoint(
        "performance.show", .get, "/server/api/v1/maps/:map_id/performance", .viewer,
        "What each script and the ticks of a map cost: the last 10 s, the last minute, since its version, and the version before"
    )
    /// What scripts cost over time.
    package static let costHistory = Endpoint(
        "performance.history", .get, "/server/api/v1/maps/:map_id/performance/history", .viewer,
        "What each script of a map cost in the last 15 minutes, by 10 s, and the reloads in that time")
    /// The slowest ticks.
    package static let slowTicks = Endpoint(
        "performance.ticks", .get, "/server/api/v1/maps/:map_id/performance/ticks", .viewer,
        "The 20 slowest ticks of a map in the last hour, with what ran in them")
    /// Samples of scripts.
    package static let sampleStacks = Endpoint(
        "performance.samples", .get, "/server/api/v1/maps/:map_id/performance/samples", .viewer,
        "Samples of the map's scripts during the next `seconds` (1 to 30, usually 10), by stack")

    static let costs = [performancePage, performance, costHistory, slowTicks, sampleStacks]
}
