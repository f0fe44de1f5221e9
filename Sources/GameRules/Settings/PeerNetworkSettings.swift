/// The settings in `game.yaml` about the network of virtual UDP sockets between browsers. ``Setting/all`` has the
/// default and the allowed values of each key.
package struct PeerNetworkSettings: Sendable, Equatable {
    /// `net_peers`: how many peers may be connected at once; 0 turns the network and the list of servers off.
    package var maxPeers = 0
    /// `net_peers_per_room`: how many of them may be in one room.
    package var maxPeersPerRoom = 0
    /// `net_peers_per_address`: how many of them may have the same address.
    package var maxPeersPerAddress = 0
    /// `net_servers`: how many entries the list of servers may have.
    package var maxServers = 0
    /// `ice_servers`: the STUN and TURN servers that peers use.
    package var iceServers: [IceServerURL] = []
    /// `turn_seconds`: how long the credentials for TURN that a peer gets are valid.
    package var turnSeconds = 0

    /// Makes settings in which no key has its default yet; ``GameConfiguration`` sets them.
    init() {}
}

/// The address of a STUN or TURN server, in the form in which browsers take it (RFC 7064, RFC 7065).
package struct IceServerURL: Sendable, Equatable {
    /// The address, its scheme in lower case.
    package let text: String
    /// Whether the server relays, so that it wants credentials.
    package let isRelay: Bool

    /// Reads an address.
    ///
    /// - Parameter written: For instance `stun:stun.example.org`, `turn:turn.example.org:3478?transport=tcp`.
    /// - Throws: Why browsers would not take it, with what to write.
    init(_ written: String) throws(SettingMistake) {
        let shown = SettingValue.text(written, isPlain: false).shown
        let text = written.lowercased()
        guard let scheme = ["stun", "stuns", "turn", "turns"].first(where: { text.hasPrefix($0 + ":") }) else {
            throw SettingMistake("\(shown) is no address of a STUN or TURN server; \(Self.allowed)")
        }
        isRelay = scheme.hasPrefix("turn")
        let rest = text.dropFirst(scheme.count + 1)
        guard !rest.hasPrefix("//") else {
            throw SettingMistake("\(shown) has two slashes too many; \(Self.allowed)")
        }
        let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let (host, port) = WebOrigin.parts(parts[0])
        guard rest.utf8.count <= 255, WebOrigin.isHost(host), port.map(Self.isPort) ?? true else {
            throw SettingMistake("\(shown) has no valid host and port; \(Self.allowed)")
        }
        if parts.count == 2 {
            guard isRelay, ["transport=udp", "transport=tcp"].contains(parts[1]) else {
                throw SettingMistake(
                    "\(shown) has ?\(parts[1].prefix(40)); only TURN has ?transport=udp or ?transport=tcp behind it")
            }
        }
        self.text = text
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } && Int(text).map { (1...65_535).contains($0) } == true
    }

    /// What to write instead of a text that is no address.
    static let allowed = "write stun:HOST:PORT, turn:HOST:PORT or turn:HOST:PORT?transport=tcp"
}
