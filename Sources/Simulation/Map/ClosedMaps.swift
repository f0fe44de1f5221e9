import Synchronization

/// Why maps of the game do not run, and since when. Any thread.
final class ClosedMaps: Sendable {
    /// How a map ended.
    struct End {
        /// When, Unix time in seconds.
        var time: Double
        /// The number of its last tick; `nil` for a map that was closed because its file is gone: no client stays
        /// connected that knows its tick numbers.
        var tick: Int?
    }

    private struct State {
        /// What keeps maps closed that can't be opened, by number.
        var broken: [Int: String] = [:]
        /// Why operators stopped maps, by number.
        var stopped: [Int: String] = [:]
        /// How each map ended.
        var ends: [Int: End] = [:]
    }

    private let state = Mutex(State())

    /// Why a map does not run; `nil` for a map that runs or that the game does not have.
    func reason(_ mapID: Int) -> String? { state.withLock { $0.stopped[mapID] ?? $0.broken[mapID] } }

    /// Why each of these maps does not run, by its number.
    var reasons: [Int: String] { state.withLock { $0.broken.merging($0.stopped) { $1 } } }

    /// The maps that operators stopped.
    var stopped: Set<Int> { state.withLock { Set($0.stopped.keys) } }

    /// Whether an operator stopped a map.
    func isStopped(_ mapID: Int) -> Bool { state.withLock { $0.stopped[mapID] != nil } }

    /// Sets which maps can't be opened, all at once: a map that is neither running nor closed for a moment would lose
    /// the places of players who join in that moment. Stopped maps that the game no longer has are forgotten.
    ///
    /// - Parameters:
    ///   - reasons: Why, by number.
    ///   - ids: The numbers of all maps of the game.
    func setBroken(_ reasons: [Int: String], of ids: [Int]) {
        let ids = Set(ids)
        state.withLock { state in
            state.broken = reasons
            state.stopped = state.stopped.filter { ids.contains($0.key) }
        }
    }

    /// Notes that an operator stops a map.
    func stop(_ mapID: Int, because reason: String) { state.withLock { $0.stopped[mapID] = reason } }

    /// Notes that a stopped map runs again.
    func start(_ mapID: Int) { state.withLock { $0.stopped[mapID] = nil } }

    /// Notes how a map ended.
    func noteEnd(_ mapID: Int, _ end: End) { state.withLock { $0.ends[mapID] = end } }

    /// Returns how a map ended, and forgets it; `nil` for a map that has not run yet.
    func takeEnd(_ mapID: Int) -> End? { state.withLock { $0.ends.removeValue(forKey: mapID) } }
}
