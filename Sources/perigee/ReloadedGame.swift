import GameFolder
import Synchronization

/// The game as it was read last; changed by the folder's watcher only.
final class ReloadedGame: Sendable {
    private let state: Mutex<GameDefinition>

    init(_ game: GameDefinition) { state = Mutex(game) }

    var value: GameDefinition {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
