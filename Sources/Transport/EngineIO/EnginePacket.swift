/// A packet of Engine.IO 4 that a client sent.
///
/// As text, a packet is one character for its type and then its data:
///
/// | type | packet | sent by |
/// |---|---|---|
/// | `0` | open: the handshake's answer as JSON | server |
/// | `1` | close | both |
/// | `2` | ping, `2probe` on the WebSocket of an upgrade | server; client only as `2probe` |
/// | `3` | pong | client; server only as `3probe` |
/// | `4` | message: its text | both |
/// | `5` | upgrade: all further packets come over this WebSocket | client |
/// | `6` | noop: ends a poll | server |
///
/// A binary message is a binary frame without a type over a WebSocket, and `b` with base64 in polling.
package enum EnginePacket: Equatable, Sendable {
    case close
    case ping([UInt8])
    case pong
    case message([UInt8], isText: Bool)
    case upgrade
    case noop

    /// Reads a packet from its text.
    ///
    /// - Parameter text: The whole packet, in UTF-8.
    /// - Throws: ``EngineViolation`` for a text that is not a packet of a client.
    /// - Complexity: O(n).
    package init(text: some RandomAccessCollection<UInt8>) throws(EngineViolation) {
        guard let type = text.first else {
            throw EngineViolation(.protocolError, "a packet is empty; it begins with its type, 1 to 6")
        }
        switch type {
        case UInt8(ascii: "1"): self = .close
        case UInt8(ascii: "2"): self = .ping(Array(text.dropFirst()))
        case UInt8(ascii: "3"): self = .pong
        case UInt8(ascii: "4"): self = .message(Array(text.dropFirst()), isText: true)
        case UInt8(ascii: "5"): self = .upgrade
        case UInt8(ascii: "6"): self = .noop
        default:
            throw EngineViolation(
                .protocolError, "a packet of a client begins with its type, 1 to 6; this one begins with byte \(type)")
        }
    }

    /// The data of the ping and the pong of an upgrade.
    static let probe = Array("probe".utf8)

    /// How much room the packet takes while it waits, in bytes: its data, and some for each packet.
    var cost: Int {
        switch self {
        case .message(let bytes, _), .ping(let bytes): bytes.count + Self.overhead
        default: Self.overhead
        }
    }

    /// The room of a packet without data, and of a control frame.
    static let overhead = 64
}

/// How a client broke the protocol, and the code with which its connection is closed.
package struct EngineViolation: Error, Equatable, CustomStringConvertible {
    /// The close code.
    package var code: CloseCode
    /// The violation, for people.
    package var description: String

    init(_ code: CloseCode, _ description: String) {
        self.code = code
        self.description = description
    }
}
