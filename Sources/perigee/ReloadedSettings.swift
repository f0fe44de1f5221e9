import GameFolder
import Gateway
import Synchronization

/// Gives the keys of `game.yaml` that concern connections to the server whenever the file changed.
final class ReloadedSettings: Sendable {
    private let server = Mutex<GameServer?>(nil)
    private let problems = Mutex<Set<GameFolderProblem>>([])

    /// Names the server, which is made after what tells it.
    func set(_ server: GameServer) { self.server.withLock { $0 = server } }

    /// The problems that the reload before did not have: each is told once.
    func news(_ now: [GameFolderProblem]) -> [GameFolderProblem] {
        problems.withLock { known in
            defer { known = Set(now) }
            return now.filter { !known.contains($0) }
        }
    }

    /// Takes a game's settings for the connections that come from now on.
    func take(_ game: GameDefinition) {
        server.withLock { $0 }?.reconfigure { $0.take(game) }
    }
}

extension GatewayConfiguration {
    /// Takes over what `game.yaml` says about logins and connections.
    mutating func take(_ game: GameDefinition) {
        startMap = game.startMapID
        tickRateHz = Double(game.configuration.tickRate)
        origins = OriginPolicy(allowed: game.configuration.allowedOrigins)
        session.maxMessageBytes = game.configuration.maxMessageBytes
        session.commandRate = RateLimit(
            burst: Double(game.configuration.commandBurst), perSecond: Double(game.configuration.commandRate))
        session.sendBufferBytes = game.configuration.sendBufferBytes
    }
}
