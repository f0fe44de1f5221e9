import Storage

/// Maps: their figures, reloading the game folder, resuming scripts.
extension Endpoint {
    /// The page of maps.
    package static let mapsPage = Endpoint("pages.maps", .get, "/admin", .viewer, "The maps: figures, errors, log")
    /// The figures, errors and log of a map.
    package static let showPerformance = Endpoint(
        "maps.performance", .get, "/server/api/log_performance/:map_id", .viewer,
        "Figures, errors, scripts and log of a map: HTML, or JSON with `Accept: application/json`")
    /// The same at the path of the requirements [M12.2].
    package static let showPerfomance = Endpoint(
        "maps.perfomance", .get, "/server/api/log_perfomance/:map_id", .viewer, "The same")
    /// Samples of the scripts of a map.
    package static let profile = Endpoint(
        "maps.profile", .get, "/server/api/profile/:map_id", .viewer,
        "Samples of the map's scripts during the next `seconds` (1 to 30), as text")
    /// Reloading the game folder.
    package static let reload = Endpoint(
        "game.reload", .post, "/server/api/reload", .editor,
        "Reloads the game folder; answers with what changed and what is wrong")
    /// Resuming a suspended script.
    package static let resume = Endpoint(
        "scripts.resume", .post, "/server/api/resume/:map_id", .editor,
        "Lets the suspended `script` (query) of a map run again")

    static let maps = [mapsPage, showPerformance, showPerfomance, profile, reload, resume]
}
