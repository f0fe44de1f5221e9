package import GameRules

/// What an operator sets about the peer network.
package struct PeerNetworkRules: Sendable, Equatable {
    /// The most peers at once; 0 turns the network off.
    package var maxPeers = 2000
    /// The most peers in one room.
    package var maxPeersPerRoom = 500
    /// The most peers of one address.
    package var maxPeersPerAddress = 64
    /// The most entries of the list of servers.
    package var maxServers = 500
    /// The STUN and TURN servers that peers get.
    package var iceServers: [IceServerURL] = []
    /// How long credentials for TURN are valid, in seconds.
    package var turnSeconds = 43_200

    /// The defaults of ``PeerNetworkSettings``.
    init() {}

    /// Makes the rules of a game.
    ///
    /// - Parameter settings: The keys of `game.yaml`.
    package init(_ settings: PeerNetworkSettings) {
        maxPeers = settings.maxPeers
        maxPeersPerRoom = settings.maxPeersPerRoom
        maxPeersPerAddress = settings.maxPeersPerAddress
        maxServers = settings.maxServers
        iceServers = settings.iceServers
        turnSeconds = settings.turnSeconds
    }
}
