package import NIOHTTP1

/// What is wrong with a WebSocket handshake.
package struct HandshakeProblem: Sendable, Equatable {
    /// The status of the answer. With 426, ``HandshakeGate`` adds the version that is spoken here.
    package let status: HTTPResponseStatus
    /// What is wrong, for people.
    package let description: String

    init(_ description: String, status: HTTPResponseStatus = .badRequest) {
        self.status = status
        self.description = description
    }
}

extension HTTPRequestHead {
    /// Whether the client asks for a WebSocket, well-formed or not.
    package var asksForWebSocket: Bool {
        headers[canonicalForm: "upgrade"].contains { $0.lowercased() == "websocket" }
    }

    /// The problem of a handshake, its subprotocols included; `nil` for one that the game's protocol accepts.
    package var handshakeProblem: HandshakeProblem? {
        if let upgradeProblem { return upgradeProblem }
        let offered = subprotocols
        if !offered.isEmpty, !offered.contains(Self.compactSubprotocol) {
            return HandshakeProblem(
                "no subprotocol of Sec-WebSocket-Protocol is known; allowed is \(Self.compactSubprotocol), or none for "
                    + "JSON")
        }
        return nil
    }

    /// The problem of a handshake; `nil` for one that NIO's upgrader accepts (RFC 6455, section 4.2.1), and that has
    /// the version that is spoken here.
    package var upgradeProblem: HandshakeProblem? {
        if method != .GET { return HandshakeProblem("a WebSocket handshake is a GET request") }
        if !headers[canonicalForm: "connection"].contains(where: { $0.lowercased() == "upgrade" }) {
            return HandshakeProblem("the handshake has no Connection: Upgrade")
        }
        let keys = headers["sec-websocket-key"]
        guard keys.count == 1, decodeBase64(keys[0])?.count == 16 else {
            return HandshakeProblem("Sec-WebSocket-Key must be 16 bytes in base64")
        }
        guard headers["sec-websocket-version"] == ["13"] else {
            return HandshakeProblem(
                "only version 13 of the WebSocket protocol is spoken here; send Sec-WebSocket-Version: 13",
                status: .upgradeRequired)
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
