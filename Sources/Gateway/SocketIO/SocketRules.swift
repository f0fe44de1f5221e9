package import NIOCore

/// What a game says about its Socket.IO clients.
package struct SocketRules: Sendable, Equatable {
    /// Whether the game has socket scripts; then the namespace `/` is theirs.
    package var hasScripts: Bool
    /// Whether clients without an account may connect to the scripts.
    package var allowsGuests: Bool
    /// How long a client that lost its connection may come back to its socket of scripts; zero for not at all. Used at
    /// the server's start only, because maps name their packets for it.
    package var recoveryTime: TimeAmount

    /// Makes rules.
    ///
    /// - Parameters:
    ///   - hasScripts: Whether the game has socket scripts.
    ///   - allowsGuests: Whether clients without an account may connect to them.
    ///   - recoveryTime: How long a client that lost its connection may come back to its socket; zero for not at all.
    package init(hasScripts: Bool = false, allowsGuests: Bool = false, recoveryTime: TimeAmount = .zero) {
        self.hasScripts = hasScripts
        self.allowsGuests = allowsGuests
        self.recoveryTime = recoveryTime
    }
}
