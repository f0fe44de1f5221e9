/// Stops and starts single maps of a running game.
///
/// One call runs after the other, and after the reloads of the game folder that began earlier. Any task may call it.
package protocol MapControl: Sendable {
    /// Stops a map. Its entities are saved, its players keep their connections and wait for it, and other maps are not
    /// disturbed. It stays stopped until ``startMap(_:)``, also when the game folder changes.
    ///
    /// - Parameter mapID: A map that runs.
    /// - Throws: ``MapControlError``. After ``MapControlError/hangs(_:)`` the map does not run any more, but has not
    ///   ended; the call can be repeated.
    func stopMap(_ mapID: Int) async throws(MapControlError)

    /// Starts a map that was stopped, with the game as it is now. Players who wait for it enter it.
    ///
    /// - Parameter mapID: A map that an operator stopped.
    /// - Throws: ``MapControlError``.
    func startMap(_ mapID: Int) async throws(MapControlError)

    /// Stops a map and starts it again.
    ///
    /// - Parameter mapID: A map that runs.
    /// - Throws: ``MapControlError``. The map is stopped when it ended and can't be started.
    func restartMap(_ mapID: Int) async throws(MapControlError)
}

/// Why a map can't be stopped or started.
package enum MapControlError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The game does not have the map.
    case unknown(Int)
    /// It runs already.
    case running(Int)
    /// An operator stopped it already.
    case stopped(Int)
    /// It can't be opened, for this reason.
    case closed(Int, reason: String)
    /// Its tick does not end, so it can't be saved.
    case hangs(Int)
    /// It ended, and starting it failed.
    case failed(Int, reason: String)

    /// What is wrong, and what to do.
    package var description: String {
        switch self {
        case .unknown(let id): "the game has no map \(id)"
        case .running(let id): "map \(id) runs already"
        case .stopped(let id): "map \(id) is stopped already; start it"
        case .closed(let id, let reason): "map \(id) is closed (\(reason)); it opens by itself when that is mended"
        case .hangs(let id):
            "map \(id) has not ended: its tick does not end, although its scripts were stopped. Try it again; a restart of the server ends it"
        case .failed(let id, let reason): "map \(id) can't be started: \(reason)"
        }
    }
}

extension GameMaps {
    /// What players are told of a map that an operator stopped.
    package static let stopReason = "an operator stopped it"
    /// What players are told of a map that an operator starts again.
    package static let restartReason = "it is being restarted"
}
