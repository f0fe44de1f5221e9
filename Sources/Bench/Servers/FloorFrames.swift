import NIOCore

/// The least of WebSocket (RFC 6455) that a bare broadcaster needs.
enum FloorFrames {
    /// The answer to the generator's handshake, whose key is always the same.
    static let accepted =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Accept: \(WebSocketHandshake.accept)\r\n\r\n"

    /// The header of a text frame.
    static func head(_ payloadBytes: Int) -> ByteBuffer {
        var head = ByteBuffer()
        writeHead(payloadBytes, to: &head)
        return head
    }

    /// Writes the header of a text frame.
    static func writeHead(_ payloadBytes: Int, to buffer: inout ByteBuffer) {
        buffer.writeInteger(UInt8(0x81))
        switch payloadBytes {
        case ..<126: buffer.writeInteger(UInt8(payloadBytes))
        case ...0xFFFF:
            buffer.writeInteger(UInt8(126))
            buffer.writeInteger(UInt16(payloadBytes))
        default:
            buffer.writeInteger(UInt8(127))
            buffer.writeInteger(UInt64(payloadBytes))
        }
    }

    /// Takes one masked frame of less than 126 bytes, which is all that the generator sends.
    ///
    /// - Parameter received: The bytes of the client; those of the frame are taken.
    /// - Returns: The frame's opcode and payload; `nil` when it is not complete.
    static func read(_ received: inout ByteBuffer) -> (opcode: UInt8, payload: [UInt8])? {
        let start = received.readerIndex
        guard let first: UInt8 = received.getInteger(at: start), let second: UInt8 = received.getInteger(at: start + 1),
            let frame = received.getBytes(at: start + 2, length: 4 + Int(second & 0x7F))
        else { return nil }
        received.moveReaderIndex(forwardBy: 2 + frame.count)
        return (first & 0x0F, frame.dropFirst(4).enumerated().map { $1 ^ frame[$0 & 3] })
    }
}
