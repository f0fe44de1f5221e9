/// Ends maps in bounded time, so that other work on the maps goes on.
struct MapEnder: Sendable {
    /// How long a map's tick and its leave hooks may take before the map's scripts are stopped.
    let patience: Duration
    /// How long a map may take to end after that.
    private static let lastPatience = Duration.seconds(5)

    /// Ends a map.
    ///
    /// - Parameters:
    ///   - map: The map.
    ///   - end: Ends it.
    /// - Returns: Whether it has ended.
    func hasEnded(_ map: MapActor, _ end: @escaping @Sendable () async -> Void) async -> Bool {
        let isDone = await answer(within: patience) {
            await end()
            return true
        }
        guard isDone == nil else { return true }
        map.stopScripts()
        // The map's executor answers when it has carried out the end.
        return await answer(within: Self.lastPatience) { await map.status() } != nil
    }
}
