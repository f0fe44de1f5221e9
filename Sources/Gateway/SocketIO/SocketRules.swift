/// What a game says about its Socket.IO clients.
package struct SocketRules: Sendable, Equatable {
    /// Whether the game has socket scripts; then the namespace `/` is theirs.
    package var hasScripts: Bool
    /// Whether clients without an account may connect to the scripts.
    package var allowsGuests: Bool

    /// Makes rules.
    ///
    /// - Parameters:
    ///   - hasScripts: Whether the game has socket scripts.
    ///   - allowsGuests: Whether clients without an account may connect to them.
    package init(hasScripts: Bool = false, allowsGuests: Bool = false) {
        self.hasScripts = hasScripts
        self.allowsGuests = allowsGuests
    }
}
