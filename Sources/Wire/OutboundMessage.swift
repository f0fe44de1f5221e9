package import JSONValues
package import NIOCore
import World

/// One message to a client, made once and shared by all who receive the same bytes.
package struct OutboundMessage: Sendable {
    /// What a message is, for the transports that carry it.
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

    /// The end of a text of which several messages have a large part in common.
    package struct Tail: Sendable {
        /// The part in common.
        package let shared: SharedBytes
        /// What follows the message's own beginning, in order; those that are shared are slices of ``shared``.
        package let pieces: [(bytes: ByteBuffer, isShared: Bool)]

        /// Makes a tail.
        ///
        /// - Parameters:
        ///   - shared: The part in common.
        ///   - pieces: What follows the beginning; those that are shared are slices of it.
        package init(shared: SharedBytes, pieces: [(bytes: ByteBuffer, isShared: Bool)]) {
            self.shared = shared
            self.pieces = pieces
        }

        /// How many bytes the pieces have.
        package var size: Int { pieces.reduce(0) { $0 + $1.bytes.readableBytes } }
    }

    /// What the message is.
    package let kind: Kind
    /// The same as one complete unmasked WebSocket text frame (RFC 6455, 5.2); with a ``tail``, the frame's beginning.
    package let webSocketFrame: ByteBuffer
    /// What follows ``webSocketFrame`` in the same frame; `nil` for a frame that is complete.
    package let tail: Tail?
    /// The same for clients that agreed to compression without context takeover, where it is worth it (RFC 7692).
    package let deflatedFrame: ByteBuffer?
    private let beginning: ByteBuffer

    /// UTF-8 JSON text.
    ///
    /// - Complexity: O(1); with a ``tail`` O(n), as its pieces are copied together.
    package var payload: ByteBuffer {
        guard let tail else { return beginning }
        var whole = ByteBufferAllocator().buffer(capacity: beginning.readableBytes + tail.size)
        whole.writeImmutableBuffer(beginning)
        for piece in tail.pieces { whole.writeImmutableBuffer(piece.bytes) }
        return whole
    }

    /// How many bytes the payload has. O(1).
    package var payloadSize: Int { beginning.readableBytes + (tail?.size ?? 0) }

    /// How many bytes the payload has with the few in front that frame it. O(1).
    package var size: Int { webSocketFrame.readableBytes + (tail?.size ?? 0) }

    /// The payload's bytes. O(n).
    package var bytes: [UInt8] { Array(payload.readableBytesView) }

    /// The payload, read again; null for one that is no JSON. O(n).
    package var json: JSON { (try? JSON(parsing: bytes)) ?? .null }

    /// Gives the payload's bytes to a closure, valid until it returns.
    ///
    /// - Complexity: As that of ``payload``.
    package func withPayload<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        payload.withUnsafeReadableBytes(body)
    }

    /// Makes a message of pieces.
    ///
    /// - Parameters:
    ///   - kind: What the message is.
    ///   - size: The sum of the pieces' sizes, or more.
    ///   - tail: What follows the pieces.
    ///   - write: Appends the pieces.
    package init(
        kind: Kind, size: Int = 256, tail: Tail? = nil, _ write: (inout ByteBuffer) -> Void
    ) {
        self.init(kind: kind, size: size, deflated: nil, tail: tail, write)
    }

    /// Makes a message of pieces that are named twice: for their sizes, and to be copied.
    ///
    /// - Parameters:
    ///   - kind: What the message is.
    ///   - deflated: The message compressed, standing alone.
    ///   - pieces: Gives each piece in order; valid until it returns.
    init(
        kind: Kind, deflated: DeflatedMessage? = nil,
        pieces: (_ body: (UnsafeBufferPointer<UInt8>) -> Void) -> Void
    ) {
        var size = 0
        pieces { size += $0.count }
        self.init(kind: kind, size: size, deflated: deflated, tail: nil) { buffer in
            pieces { buffer.writeBytes($0) }
        }
    }

    private init(
        kind: Kind, size: Int, deflated: DeflatedMessage?, tail: Tail?, _ write: (inout ByteBuffer) -> Void
    ) {
        self.kind = kind
        self.tail = tail
        (webSocketFrame, beginning) = Self.frame(size: size, firstByte: 0x81, following: tail?.size ?? 0, write)
        deflatedFrame = deflated.map { deflated in
            Self.frame(size: deflated.size, firstByte: 0xC1) { deflated.write(to: &$0) }.frame
        }
    }

    /// A frame with its payload written by a closure, in one buffer.
    private static func frame(
        size: Int, firstByte: UInt8, following: Int = 0, _ write: (inout ByteBuffer) -> Void
    ) -> (frame: ByteBuffer, payload: ByteBuffer) {
        // The frame's header is 2, 4 or 10 bytes long, which is known only when the text is: room is left for the
        // longest, and the frame begins where its own header does.
        let room = 10
        var buffer = ByteBufferAllocator().buffer(capacity: room + size)
        buffer.moveWriterIndex(to: room)
        write(&buffer)
        let length = buffer.writerIndex - room + following
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
