package import NIOHTTP1

extension HTTPRequestHead {
    /// Whether the client asks for a WebSocket, well-formed or not.
    package var asksForWebSocket: Bool {
        headers[canonicalForm: "upgrade"].contains { $0.lowercased() == "websocket" }
    }

    /// The problem of a handshake, its subprotocols included; `nil` for one that the game's protocol accepts.
    package var handshakeProblem: String? {
        if let upgradeProblem { return upgradeProblem }
        let offered = subprotocols
        if !offered.isEmpty, !offered.contains(Self.compactSubprotocol) {
            return "no subprotocol of Sec-WebSocket-Protocol is known; allowed is \(Self.compactSubprotocol), or none "
                + "for JSON"
        }
        return nil
    }

    /// The problem of a handshake; `nil` for one that NIO's upgrader accepts (RFC 6455, section 4.2.1).
    package var upgradeProblem: String? {
        if method != .GET { return "a WebSocket handshake is a GET request" }
        if !headers[canonicalForm: "connection"].contains(where: { $0.lowercased() == "upgrade" }) {
            return "the handshake has no Connection: Upgrade"
        }
        let keys = headers["sec-websocket-key"]
        guard keys.count == 1, decodeBase64(keys[0])?.count == 16 else {
            return "Sec-WebSocket-Key must be 16 bytes in base64"
        }
        return nil
    }

    /// The subprotocol of clients that want MessagePack instead of JSON.
    static let compactSubprotocol = "perigee.msgpack"

    /// The subprotocols that the client offers (RFC 6455, section 4.1).
    private var subprotocols: [String] { headers[canonicalForm: "sec-websocket-protocol"].map(String.init) }

    /// Whether the client wants MessagePack.
    var wantsCompact: Bool { subprotocols.contains(Self.compactSubprotocol) }
}
