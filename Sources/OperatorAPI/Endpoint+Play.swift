import Storage

/// Playing the game beside its log and figures.
extension Endpoint {
    /// The page on which the game runs in a frame.
    package static let playPage = Endpoint(
        "pages.play", .get, "/admin/play", .viewer,
        "The game in a frame, beside log, performance and a form for commands; query: `map`")

    static let play = [playPage]
}
