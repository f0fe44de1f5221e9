package import GameFolder
import Synchronization

/// Gives the keys of `game.yaml` that concern connections to the server whenever the file changed. Any thread.
package final class ReloadedSettings: Sendable {
    private let server = Mutex<GameServer?>(nil)
    private let problems: Mutex<Set<GameFolderProblem>>
    private let unlimitedLogins: Bool

    /// - Parameters:
    ///   - unlimitedLogins: Whether one address may log in and register as often as it likes.
    ///   - told: The problems of the game folder that were printed at the start.
    package init(unlimitedLogins: Bool, told: [GameFolderProblem] = []) {
        self.unlimitedLogins = unlimitedLogins
        problems = Mutex(Set(told))
    }

    /// Names the server, which is made after the source of the changes.
    ///
    /// - Parameter server: The server.
    package func set(_ server: GameServer) { self.server.withLock { $0 = server } }

    /// Keeps the problems that the previous reload did not have, so that each is printed once.
    ///
    /// - Parameter now: All problems of this reload.
    /// - Returns: The new ones, in their order.
    package func news(_ now: [GameFolderProblem]) -> [GameFolderProblem] {
        problems.withLock { known in
            defer { known = Set(now) }
            return now.filter { !known.contains($0) }
        }
    }

    /// Gives a game's settings to the connections that come from now on, and opens and closes the ports of its maps.
    ///
    /// - Parameter game: The game, as its folder was last read.
    package func follow(_ game: GameDefinition) {
        guard let server = server.withLock({ $0 }) else { return }
        let unlimitedLogins = unlimitedLogins
        server.reconfigure { $0.adopt(game, unlimitedLogins: unlimitedLogins) }
        Task { await server.followMaps() }
    }
}
