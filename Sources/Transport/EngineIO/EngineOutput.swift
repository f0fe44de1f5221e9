package import NIOCore
package import Wire

/// A packet that waits to be sent to a client.
package enum EngineOutput: Sendable {
    /// A packet of the protocol itself, such as `2` or `3probe`.
    case control(String)
    /// A message of text.
    case text([UInt8])
    /// A binary message.
    case binary([UInt8])
    /// A message whose text others receive, too.
    case message(OutboundMessage)
    /// A whole packet that others receive, too: a text that begins with its type.
    case packet(OutboundMessage)
    /// The end of the connection. Over a WebSocket its close frame says so.
    case close

    /// How many bytes the packet has in polling.
    var size: Int {
        switch self {
        case .control(let text): text.utf8.count
        case .text(let bytes): bytes.count + 1
        case .binary(let bytes): base64Size(of: bytes.count) + 1
        case .message(let message): message.payloadSize + 1
        case .packet(let message): message.payloadSize
        case .close: 1
        }
    }

    /// The part that is kept once for all who receive it, and its size; `nil` for a packet without one.
    var sharedPart: (bytes: SharedBytes, size: Int)? {
        switch self {
        case .message(let message), .packet(let message):
            guard let tail = message.plain.tail, let shared = tail.shared else { return nil }
            return (shared, tail.pieces.reduce(0) { $0 + ($1.isShared ? $1.bytes.readableBytes : 0) })
        default: return nil
        }
    }

    /// Appends the packet as it stands in a polling answer.
    ///
    /// - Parameter buffer: The answer's body.
    package func write(into buffer: inout ByteBuffer) {
        switch self {
        case .control(let text): buffer.writeString(text)
        case .text(let bytes):
            buffer.writeInteger(Self.messageType)
            buffer.writeBytes(bytes)
        case .binary(let bytes):
            buffer.writeInteger(UInt8(ascii: "b"))
            buffer.writeBase64(bytes)
        case .message(let message):
            buffer.writeInteger(Self.messageType)
            buffer.writeImmutableBuffer(message.payload)
        case .packet(let message): buffer.writeImmutableBuffer(message.payload)
        case .close: buffer.writeInteger(UInt8(ascii: "1"))
        }
    }

    /// Queues the packet on a WebSocket.
    ///
    /// - Parameter socket: The WebSocket; call it on its event loop.
    func send(on socket: any ClientConnection) {
        switch self {
        case .control(let text): socket.send(text: Array(text.utf8))
        case .text(let bytes): socket.send(text: [Self.messageType] + bytes)
        case .binary(let bytes): socket.send(bytes, isText: false)
        case .message(let message): socket.send(text: [Self.messageType] + message.bytes)
        case .packet(let message): socket.send(message)
        case .close: break
        }
    }

    private static let messageType = UInt8(ascii: "4")

    /// The body of a polling answer.
    ///
    /// - Parameter packets: The packets in order.
    /// - Returns: The packets with separators between them.
    package static func payload(of packets: [EngineOutput]) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: packets.reduce(packets.count) { $0 + $1.size })
        for (number, packet) in packets.enumerated() {
            if number > 0 { buffer.writeInteger(EnginePayload.separator) }
            packet.write(into: &buffer)
        }
        return buffer
    }
}
