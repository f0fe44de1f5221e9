package import GameFolder
package import Simulation
package import Storage

/// What the editor needs of the running server.
package struct GameEditing: Sendable {
    /// The game folder.
    let directory: String
    /// Keeps former versions of files.
    let versions: any FileVersionStorage
    /// The game as it runs.
    let game: @Sendable () async -> GameDefinition
    /// Applies what changed in the folder to the running game.
    let apply: AdminPanel.Reload
    /// Measures the time of the game's tests.
    let testClock: SimulationClock

    /// Makes a value.
    ///
    /// - Parameters:
    ///   - directory: The game folder.
    ///   - versions: Keeps former versions of files.
    ///   - testClock: Measures the time of the game's tests.
    ///   - game: The game as it runs.
    ///   - apply: Applies what changed in the folder to the running game, and reports that and what was applied since
    ///     the last report.
    package init(
        directory: String, versions: any FileVersionStorage, testClock: SimulationClock,
        game: @escaping @Sendable () async -> GameDefinition, apply: @escaping AdminPanel.Reload
    ) {
        self.directory = directory
        self.versions = versions
        self.testClock = testClock
        self.game = game
        self.apply = apply
    }
}
