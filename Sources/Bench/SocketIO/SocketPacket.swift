/// A packet of a Socket.IO server in a WebSocket message: Engine.IO 4, with Socket.IO 5 in the namespace `/` in it.
///
/// As much of it as a load test needs; packets with attachments or acknowledgements are ``other``.
package enum SocketPacket {
    /// The Engine.IO connection is open, and the client asks for the namespace.
    case opened
    /// A heartbeat; the client answers with a pong.
    case ping
    /// The client is in the namespace.
    case connected
    /// The client may not enter the namespace; what the server says about it.
    case refused(String)
    /// An event: the JSON of all its values after the name, which is valid as long as the message.
    case event(values: UnsafeRawBufferPointer)
    /// The server ends the namespace or the connection.
    case closed
    /// Anything else.
    case other

    /// Classifies a message.
    ///
    /// - Parameter message: A complete text message.
    /// - Complexity: O(length of the event's name).
    package init(_ message: UnsafeRawBufferPointer) {
        guard let first = message.first else {
            self = .other
            return
        }
        switch first {
        case UInt8(ascii: "0"): self = .opened
        case UInt8(ascii: "1"): self = .closed
        case UInt8(ascii: "2"): self = .ping
        case UInt8(ascii: "4") where message.count > 1: self = Self.socketPacket(message)
        default: self = .other
        }
    }

    private static func socketPacket(_ message: UnsafeRawBufferPointer) -> SocketPacket {
        switch message[1] {
        case UInt8(ascii: "0"): return .connected
        case UInt8(ascii: "1"): return .closed
        case UInt8(ascii: "4"): return .refused(String(decoding: message.dropFirst(2).prefix(200), as: UTF8.self))
        case UInt8(ascii: "2"):
            // The names that load tests meet have no escapes, so the next quote ends the name.
            guard ByteScan.has("[\"", in: message, at: 2), message.last == UInt8(ascii: "]"),
                let nameEnd = ByteScan.end(of: "\"", in: message, from: 4)
            else { return .other }
            let last = message.count - 1
            return .event(values: UnsafeRawBufferPointer(rebasing: message[min(nameEnd + 1, last)..<last]))
        default: return .other
        }
    }

    /// The path and query of a client that begins with a WebSocket.
    static let path = "/socket.io/?EIO=4&transport=websocket"
    /// The answer to ``ping``.
    static let pong = "3"

    /// The packet by which a player asks for the namespace.
    ///
    /// - Parameters:
    ///   - playerID: The id from the login.
    ///   - token: The one-time token from the login, which has no characters that JSON escapes.
    /// - Returns: The packet.
    static func connect(playerID: Int, token: String) -> String {
        "40{\"id\":\(playerID),\"token\":\"\(token)\"}"
    }
}
