package import GameFolder
import Synchronization

/// Applies the connection settings of `game.yaml` to the server after each reload. Any thread may call it.
package final class ReloadedSettings: Sendable {
    private let server = Mutex<GameServer?>(nil)
    private let problems: Mutex<Set<GameFolderProblem>>
    private let unlimitedLogins: Bool

    /// - Parameters:
    ///   - unlimitedLogins: Whether the limits per address for logins and registrations are lifted.
    ///   - known: The problems of the game folder that were printed at the start.
    package init(unlimitedLogins: Bool, known: [GameFolderProblem] = []) {
        self.unlimitedLogins = unlimitedLogins
        problems = Mutex(Set(known))
    }

    /// Sets the server, which is created after this object.
    ///
    /// - Parameter server: The server.
    package func set(_ server: GameServer) { self.server.withLock { $0 = server } }

    /// Returns the problems that the previous reload did not have, so that each problem is printed once.
    ///
    /// - Parameter now: All problems of this reload.
    /// - Returns: The new ones, in their order.
    package func newProblems(in now: [GameFolderProblem]) -> [GameFolderProblem] {
        problems.withLock { known in
            defer { known = Set(now) }
            return now.filter { !known.contains($0) }
        }
    }

    /// Lets clients read what a game declares. Call it before the maps get the game: a client asks for its declarations
    /// as soon as its map tells it that they changed.
    ///
    /// - Parameter game: The reloaded game.
    package func declare(_ game: GameDefinition) {
        let declarations = GameDeclarations(game)
        server.withLock { $0 }?.reconfigure { $0.declarations = declarations }
    }

    /// Applies a game's settings to later connections, and opens and closes the ports of its maps.
    ///
    /// - Parameter game: The reloaded game.
    package func apply(_ game: GameDefinition) {
        guard let server = server.withLock({ $0 }) else { return }
        let unlimitedLogins = unlimitedLogins
        server.reconfigure { $0.adopt(game, unlimitedLogins: unlimitedLogins) }
        Task { await server.followMaps() }
    }
}
