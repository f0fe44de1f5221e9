package import JSONValues
package import NIOCore
import World

/// One message to clients, made once and shared by all clients that receive the same bytes.
package struct OutboundMessage: Sendable {
    /// What a message is, for the code that sends it.
    package enum Kind: Sendable, Equatable {
        /// The whole world; anything that was held back before it is out of date.
        case snapshot
        /// What changed since the last send; useless for a client that missed an earlier delta.
        case delta
        /// A message that a script sent.
        case direct
        /// The refusal of a command; the session counts the refusals of its client.
        case error
        /// The session was taken over: send, then close with 4001.
        case replaced
        /// The player can't be, or can no longer be, on this map: send, then close with 1013.
        case refused
        /// The player moved to another map: the session adds the address and the token to connect with, and closes.
        case reconnect(mapID: Int)
    }

    /// The end of a message's text, for messages that have a large part of their text in common.
    package struct Tail: Sendable {
        /// The common part.
        package let shared: SharedBytes
        /// The pieces after the message's own beginning, in order; pieces with `isShared` are slices of ``shared``.
        package let pieces: [(bytes: ByteBuffer, isShared: Bool)]

        /// Makes a tail.
        ///
        /// - Parameters:
        ///   - shared: The common part.
        ///   - pieces: The pieces that follow the beginning; pieces with `isShared` are slices of `shared`.
        package init(shared: SharedBytes, pieces: [(bytes: ByteBuffer, isShared: Bool)]) {
            self.shared = shared
            self.pieces = pieces
        }

        /// How many bytes the pieces have.
        package var size: Int { pieces.reduce(0) { $0 + $1.bytes.readableBytes } }
    }

    /// What the message is.
    package let kind: Kind
    /// The message as one complete unmasked WebSocket text frame (RFC 6455, 5.2); with a ``tail``, only its beginning.
    package let webSocketFrame: ByteBuffer
    /// The rest of the frame that begins with ``webSocketFrame``; `nil` when that frame is complete.
    package let tail: Tail?
    /// The message as a compressed frame, for clients that negotiated compression without context takeover (RFC 7692);
    /// `nil` when compression is not worth it.
    package let deflatedFrame: ByteBuffer?
    /// The message in the compact encoding, for clients that chose it: as one complete binary frame, and its payload.
    /// `nil` for messages that such clients get as plain MessagePack.
    package private(set) var compact: (frame: ByteBuffer, payload: ByteBuffer)?
    /// The payload, or with a ``tail`` its beginning.
    let ownPart: ByteBuffer

    /// The message's UTF-8 JSON text.
    ///
    /// - Complexity: O(1); with a ``tail`` O(n), because its pieces are copied into one buffer.
    package var payload: ByteBuffer {
        guard let tail else { return ownPart }
        var whole = ByteBufferAllocator().buffer(capacity: ownPart.readableBytes + tail.size)
        whole.writeImmutableBuffer(ownPart)
        for piece in tail.pieces { whole.writeImmutableBuffer(piece.bytes) }
        return whole
    }

    /// How many bytes the payload has. O(1).
    package var payloadSize: Int { ownPart.readableBytes + (tail?.size ?? 0) }

    /// How many bytes the payload has together with its frame header. O(1).
    package var size: Int { webSocketFrame.readableBytes + (tail?.size ?? 0) }

    /// The payload's bytes. O(n).
    package var bytes: [UInt8] { Array(payload.readableBytesView) }

    /// The payload, parsed; null when it is not JSON. O(n).
    package var json: JSON { (try? JSON(parsing: bytes)) ?? .null }

    /// Calls a closure with the payload's bytes, which are valid until it returns.
    ///
    /// - Complexity: As ``payload``.
    package func withPayload<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        payload.withUnsafeReadableBytes(body)
    }

    /// Makes a message of pieces.
    ///
    /// - Parameters:
    ///   - kind: What the message is.
    ///   - size: The sum of the pieces' sizes, or more.
    ///   - tail: The rest of the message, after the pieces.
    ///   - write: Appends the pieces.
    package init(
        kind: Kind, size: Int = 256, tail: Tail? = nil, _ write: (inout ByteBuffer) -> Void
    ) {
        self.init(kind: kind, size: size, deflated: nil, tail: tail, write)
    }

    /// Makes a message of pieces; `pieces` is called twice, first for their sizes and then to copy them.
    ///
    /// - Parameters:
    ///   - kind: What the message is.
    ///   - deflated: The complete message in compressed form.
    ///   - pieces: Calls its argument with each piece in order; a piece is valid until that call returns.
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
        (webSocketFrame, ownPart) = Self.frame(size: size, firstByte: 0x81, following: tail?.size ?? 0, write)
        deflatedFrame = deflated.map { deflated in
            Self.frame(size: deflated.size, firstByte: 0xC1) { deflated.write(to: &$0) }.frame
        }
    }

    /// The same message with its text translated into the compact encoding: made once for all who get it.
    package func withCompactForm() -> OutboundMessage {
        let translated = withPayload { MessagePack.translate(json: $0.bindMemory(to: UInt8.self)) }
        return with(compactSize: translated.count) { $0.writeBytes(translated) }
    }

    /// The same message with a compact form.
    ///
    /// - Parameters:
    ///   - size: How many bytes the compact form has, or more.
    ///   - write: Appends it.
    /// - Returns: The message in both forms.
    func with(compactSize size: Int, _ write: (inout ByteBuffer) -> Void) -> OutboundMessage {
        var message = self
        message.compact = Self.frame(size: size, firstByte: 0x82, write)
        return message
    }

    /// Makes a frame in one buffer; a closure writes its payload.
    private static func frame(
        size: Int, firstByte: UInt8, following: Int = 0, _ write: (inout ByteBuffer) -> Void
    ) -> (frame: ByteBuffer, payload: ByteBuffer) {
        // The frame's header is 2, 4 or 10 bytes long, depending on the payload's length, which is known only after
        // writing. So 10 bytes are reserved in front, and the frame begins where its actual header begins.
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

    /// Makes a message of JSON text.
    ///
    /// - Parameters:
    ///   - kind: What the message is.
    ///   - json: UTF-8 JSON text.
    package init(kind: Kind, json: [UInt8]) {
        self.init(kind: kind, size: json.count) { $0.writeBytes(json) }
    }
}
