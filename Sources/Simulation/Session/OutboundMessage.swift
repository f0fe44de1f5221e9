package import NIOCore

/// One message to a client, made once and shared by all who receive the same bytes.
package struct OutboundMessage: Sendable {
    /// What a message is, for those who carry it.
    package enum Kind: Sendable, Equatable {
        /// The whole world; what was kept back before it is out of date.
        case snapshot
        /// What changed; of no use to a client that missed one before it.
        case delta
        /// What a script sent.
        case direct
        /// A refusal; counts against the client.
        case error
        /// The session was taken over: send, then close with 4001.
        case replaced
        /// The player can't be on this map (any more): send, then close with 1013.
        case refused
        /// The player moved: the carrier adds where to connect to and with which token, and closes.
        case reconnect(mapID: Int)
    }

    /// What the message is.
    package let kind: Kind
    /// UTF-8 JSON text.
    package let payload: ByteBuffer
    /// The same as one complete unmasked WebSocket text frame (RFC 6455, 5.2).
    package let webSocketFrame: ByteBuffer
    /// The same for those who agreed to compression without context takeover, where it is worth it (RFC 7692).
    package let deflatedFrame: ByteBuffer?

    /// Makes a message of pieces.
    ///
    /// - Parameters:
    ///   - kind: What the message is.
    ///   - size: The sum of the pieces' sizes, or more.
    ///   - deflated: The message compressed, standing alone.
    ///   - write: Appends the pieces.
    package init(kind: Kind, size: Int = 256, deflated: DeflatedMessage? = nil, _ write: (inout ByteBuffer) -> Void) {
        self.kind = kind
        (webSocketFrame, payload) = Self.frame(size: size, firstByte: 0x81, write)
        deflatedFrame = deflated.map { deflated in
            Self.frame(size: deflated.size, firstByte: 0xC1) { deflated.write(to: &$0) }.frame
        }
    }

    /// A frame with its payload written by a closure, in one buffer.
    private static func frame(
        size: Int, firstByte: UInt8, _ write: (inout ByteBuffer) -> Void
    ) -> (frame: ByteBuffer, payload: ByteBuffer) {
        // The frame's header is 2, 4 or 10 bytes long, which is known only when the text is: room is left for the
        // longest, and the frame begins where its own header does.
        let room = 10
        var buffer = ByteBufferAllocator().buffer(capacity: room + size)
        buffer.moveWriterIndex(to: room)
        write(&buffer)
        let length = buffer.writerIndex - room
        let start: Int
        switch length {
        case ..<126:
            start = room - 2
            buffer.setInteger(UInt8(length), at: room - 1)
        case ..<65_536:
            start = room - 4
            buffer.setInteger(UInt8(126), at: room - 3)
            buffer.setInteger(UInt16(length), at: room - 2)
        default:
            start = 0
            buffer.setInteger(UInt8(127), at: 1)
            buffer.setInteger(UInt64(length), at: 2)
        }
        buffer.setInteger(firstByte, at: start)
        var payload = buffer
        payload.moveReaderIndex(to: room)
        buffer.moveReaderIndex(to: start)
        return (buffer, payload)
    }

    /// Makes a message of ready JSON.
    ///
    /// - Parameters:
    ///   - kind: What the message is.
    ///   - json: UTF-8 JSON text.
    package init(kind: Kind, json: [UInt8]) {
        self.init(kind: kind, size: json.count) { $0.writeBytes(json) }
    }
}
