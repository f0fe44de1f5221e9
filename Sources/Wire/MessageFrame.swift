package import NIOCore

/// One form of a message: a complete unmasked WebSocket frame (RFC 6455, 5.2), whose end may be shared with the frames
/// of other receivers.
package struct MessageFrame: Sendable {
    /// The end of a frame, for messages that have a large part in common.
    package struct Tail: Sendable {
        /// The common part.
        package let shared: SharedBytes
        /// The pieces after the frame's own beginning, in order; pieces with `isShared` are slices of ``shared``.
        package let pieces: [(bytes: ByteBuffer, isShared: Bool)]

        /// Makes a tail.
        ///
        /// - Parameters:
        ///   - shared: The common part.
        ///   - pieces: The pieces that follow the beginning; pieces with `isShared` are slices of `shared`.
        package init(shared: SharedBytes, pieces: [(bytes: ByteBuffer, isShared: Bool)]) {
            self.shared = shared
            self.pieces = pieces.filter { $0.bytes.readableBytes > 0 }
        }

        /// The common part with other bytes in the place of a range.
        ///
        /// - Parameters:
        ///   - shared: The common part.
        ///   - range: The range that is left out, in bytes.
        ///   - own: What stands there instead.
        ///   - end: What follows all of it.
        init(_ shared: SharedBytes, replacing range: Range<Int>, with own: ByteBuffer, end: ByteBuffer = ByteBuffer()) {
            self.init(
                shared: shared,
                pieces: [
                    (shared[0..<range.lowerBound], true), (own, false),
                    (shared[range.upperBound..<shared.bytes.readableBytes], true), (end, false),
                ])
        }

        /// How many bytes the pieces have.
        package var size: Int { pieces.reduce(0) { $0 + $1.bytes.readableBytes } }

        /// The same tail with one more piece, for one receiver.
        func adding(_ bytes: ByteBuffer) -> Tail { Tail(shared: shared, pieces: pieces + [(bytes, false)]) }
    }

    /// What the frame carries: its first byte, which has FIN set.
    enum Form: UInt8 {
        case text = 0x81
        case binary = 0x82
        /// Text that is compressed (RFC 7692): RSV1 is set.
        case deflatedText = 0xC1
    }

    /// The frame's header and its payload; with a ``tail``, only the beginning of the payload.
    package let head: ByteBuffer
    /// The rest of the frame; `nil` when ``head`` is complete.
    package let tail: Tail?
    /// Where the payload begins in the readable bytes of ``head``.
    private let headerSize: Int

    /// Makes a frame in one buffer.
    ///
    /// - Parameters:
    ///   - form: What the frame carries.
    ///   - size: How many bytes `write` appends, or more.
    ///   - tail: What follows them.
    ///   - write: Appends the payload, or with a tail its beginning.
    init(_ form: Form, size: Int, tail: Tail? = nil, _ write: (inout ByteBuffer) -> Void) {
        self.tail = tail
        // The frame's header is 2, 4 or 10 bytes long, depending on the payload's length, which is known only after
        // writing. So 10 bytes are reserved in front, and the frame begins where its actual header begins.
        let room = 10
        var buffer = ByteBufferAllocator().buffer(capacity: room + size)
        buffer.moveWriterIndex(to: room)
        write(&buffer)
        let length = buffer.writerIndex - room + (tail?.size ?? 0)
        switch length {
        case ..<126:
            headerSize = 2
            buffer.setInteger(UInt8(length), at: room - 1)
        case ..<65_536:
            headerSize = 4
            buffer.setInteger(UInt8(126), at: room - 3)
            buffer.setInteger(UInt16(length), at: room - 2)
        default:
            headerSize = 10
            buffer.setInteger(UInt8(127), at: 1)
            buffer.setInteger(UInt64(length), at: 2)
        }
        buffer.setInteger(form.rawValue, at: room - headerSize)
        buffer.moveReaderIndex(to: room - headerSize)
        head = buffer
    }

    /// The payload, or with a ``tail`` its beginning. O(1).
    var ownPart: ByteBuffer {
        var part = head
        part.moveReaderIndex(forwardBy: headerSize)
        return part
    }

    /// The payload.
    ///
    /// - Complexity: O(1); with a ``tail`` O(n), because its pieces are copied into one buffer.
    package var payload: ByteBuffer {
        guard let tail else { return ownPart }
        var whole = ByteBufferAllocator().buffer(capacity: payloadSize)
        whole.writeImmutableBuffer(ownPart)
        for piece in tail.pieces { whole.writeImmutableBuffer(piece.bytes) }
        return whole
    }

    /// How many bytes the payload has. O(1).
    package var payloadSize: Int { size - headerSize }

    /// How many bytes the whole frame has. O(1).
    package var size: Int { head.readableBytes + (tail?.size ?? 0) }
}
