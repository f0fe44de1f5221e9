import GameFolder
import Simulation
import World

/// Runs a game's libs in the sandbox, as each of its maps does when it starts: whether they raise or hit a limit shows
/// only then.
enum LibRun {
    /// The Unix time that the libs see, in seconds; a finding must not depend on when the check runs.
    private static let time = 1_700_000_000.0

    /// Runs all libs on an empty map, for one map of the game after the other until one finds something.
    ///
    /// - Parameter game: The game; its other scripts don't run.
    /// - Returns: Why libs fail, by ascending file.
    static func problems(of game: GameDefinition) -> [GameFolderProblem] {
        var game = game
        game.scripts.removeAll { if case .lib = $0.role { false } else { true } }
        guard !game.scripts.isEmpty else { return [] }
        for map in game.maps {
            let found = problems(of: game, on: map.id)
            if !found.isEmpty { return found }
        }
        return []
    }

    private static func problems(of game: GameDefinition, on mapID: Int) -> [GameFolderProblem] {
        let surroundings = MapSimulation.Surroundings(
            ids: EntityIDCounter(highest: [:]), clock: SimulationClock(now: { time }, monotonic: { 0 }))
        do {
            let map = try MapSimulation(game: game, mapID: mapID, seed: 1, surroundings: surroundings, now: time)
            return map.lastReload?.problems ?? []
        } catch {
            return [GameFolderProblem(file: "game.yaml", message: "a map can't start: \(error)")]
        }
    }
}
