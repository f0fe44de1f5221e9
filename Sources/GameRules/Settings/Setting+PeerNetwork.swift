extension Setting {
    /// The keys about virtual UDP sockets and the list of servers.
    static let peerNetwork: [Setting] = [
        .whole(
            "net_peers", \.peerNetwork.maxPeers, default: 2000, 0...100_000,
            "peers of virtual UDP sockets that are connected at once; 0 turns these and the list of servers off"),
        .whole(
            "net_peers_per_room", \.peerNetwork.maxPeersPerRoom, default: 500, 1...100_000,
            "peers of one room"),
        .whole(
            "net_peers_per_address", \.peerNetwork.maxPeersPerAddress, default: 64, 1...100_000,
            "peers of one address"),
        .whole(
            "net_servers", \.peerNetwork.maxServers, default: 500, 0...10_000,
            "entries of the list of servers"),
        .iceServers,
        .whole(
            "turn_seconds", \.peerNetwork.turnSeconds, default: 43_200, 300...604_800, unit: .seconds,
            "how long the credentials are valid that a peer gets for the TURN servers"),
    ]

    private static let maxIceServers = 8

    private static let iceServers = Setting(
        name: "ice_servers", fallback: "none",
        allowed: "list of addresses such as `stun:stun.example.org` and `turn:turn.example.org:3478`, at most 8",
        unit: nil, effect: .atOnce,
        about: "STUN and TURN servers that peers get; those of TURN need [a secret](net.md#stun-and-turn)",
        reset: { $0.peerNetwork.iceServers = [] },
        read: { (value, configuration) throws(SettingMistake) in
            guard case .list(let elements) = value, elements.count <= maxIceServers else {
                throw SettingMistake(
                    "ice_servers is \(value.shown); it must be a list of at most \(maxIceServers) addresses such as "
                        + "[\"stun:stun.example.org\"]")
            }
            configuration.peerNetwork.iceServers = try each(elements) { element throws(SettingMistake) in
                guard let text = element.string else {
                    throw SettingMistake("\(element.shown) is no address; \(IceServerURL.allowed)")
                }
                return try IceServerURL(text)
            }
        },
        shown: {
            let urls = $0.peerNetwork.iceServers
            return urls.isEmpty ? "none" : urls.map(\.text).joined(separator: " ")
        })
}
