package import NIOCore

/// The opcode of a frame (RFC 6455, section 5.2).
enum WebSocketFrameKind: UInt8, Sendable {
    case continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10

    /// Whether this is a control frame: never fragmented, at most 125 bytes of payload.
    var isControl: Bool { rawValue >= 8 }
}

extension CloseCode {
    /// Whether a peer may send a code (RFC 6455, section 7.4.1 and 7.4.2).
    ///
    /// - Parameter code: The code.
    /// - Returns: `true` for a code that may appear in a close frame.
    static func isAllowed(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

/// Builds the unmasked frames that a server sends.
///
/// | offset | size | meaning |
/// |---|---|---|
/// | 0 | 1 byte | FIN (0x80), RSV1 (0x40, compressed), opcode (0x0F) |
/// | 1 | 1 byte | payload length up to 125; 126: next 2 bytes hold it; 127: next 8 bytes hold it, big-endian |
/// | 2, 4 or 10 | length | payload |
package enum WebSocketFrame {
    /// A whole text message as one frame.
    ///
    /// - Parameter payload: UTF-8.
    /// - Returns: Header and payload in one buffer.
    package static func text(_ payload: some Collection<UInt8>) -> ByteBuffer { make(.text, payload) }

    /// A close frame.
    ///
    /// - Parameters:
    ///   - code: The close code; `nil` for an empty frame.
    ///   - reason: A text for people; cut to the 123 bytes that fit into a close frame.
    /// - Returns: The frame.
    static func close(_ code: UInt16?, reason: String = "") -> ByteBuffer {
        guard let code else { return make(.close, []) }
        var payload = [UInt8(code >> 8), UInt8(code & 255)]
        for character in reason where payload.count + character.utf8.count <= 125 {
            payload.append(contentsOf: character.utf8)
        }
        return make(.close, payload)
    }

    /// One frame with FIN set.
    ///
    /// - Parameters:
    ///   - kind: The opcode.
    ///   - payload: The payload.
    ///   - isCompressed: Whether the payload is compressed (RFC 7692).
    /// - Returns: Header and payload in one buffer.
    static func make(
        _ kind: WebSocketFrameKind, _ payload: some Collection<UInt8>, isCompressed: Bool = false
    ) -> ByteBuffer {
        let count = payload.count
        var buffer = ByteBufferAllocator().buffer(capacity: count + 10)
        buffer.writeInteger((isCompressed ? 0xC0 : 0x80) | kind.rawValue)
        switch count {
        case ...125: buffer.writeInteger(UInt8(count))
        case ...0xFFFF:
            buffer.writeInteger(126 as UInt8)
            buffer.writeInteger(UInt16(count))
        default:
            buffer.writeInteger(127 as UInt8)
            buffer.writeInteger(UInt64(count))
        }
        buffer.writeBytes(payload)
        return buffer
    }
}
