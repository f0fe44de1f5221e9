package import NIOCore

/// One form of a message: a complete unmasked WebSocket frame (RFC 6455, 5.2), whose end may be shared with the frames
/// of other receivers.
package struct MessageFrame: Sendable {
    /// The end of a frame, for messages that have a large part in common.
    package struct Tail: Sendable {
        /// The common part; `nil` for one that is not counted once for all who get it, because it is short-lived.
        package let shared: SharedBytes?
        /// The pieces after the frame's own beginning, in order; pieces with `isShared` are slices of ``shared``.
        package let pieces: [(bytes: ByteBuffer, isShared: Bool)]

        /// Makes a tail.
        ///
        /// - Parameters:
        ///   - shared: The common part.
        ///   - pieces: The pieces that follow the beginning; pieces with `isShared` are slices of `shared`.
        package init(shared: SharedBytes?, pieces: [(bytes: ByteBuffer, isShared: Bool)]) {
            self.shared = shared
            self.pieces =
                pieces.contains { $0.bytes.readableBytes == 0 } ? pieces.filter { $0.bytes.readableBytes > 0 } : pieces
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
        var buffer = Self.buffer(size)
        write(&buffer)
        headerSize = Self.writeHeader(form, length: buffer.writerIndex - Self.room + (tail?.size ?? 0), &buffer)
        buffer.moveReaderIndex(to: Self.room - headerSize)
        head = buffer
    }

    /// Makes a frame of parts of a common text, without copying them. All other bytes of the frame are in one buffer.
    ///
    /// - Parameters:
    ///   - form: What the frame carries.
    ///   - common: The common text.
    ///   - ranges: The parts of it, in bytes.
    ///   - size: How many bytes `write` appends in all, or more.
    ///   - write: Appends the own bytes that follow a part; called with each part's number, in order.
    init(
        _ form: Form, of common: ByteBuffer, _ ranges: [Range<Int>], size: Int,
        _ write: (_ part: Int, inout ByteBuffer) -> Void
    ) {
        var buffer = Self.buffer(size)
        var ends: [Int] = []
        for part in ranges.indices {
            write(part, &buffer)
            ends.append(buffer.writerIndex)
        }
        let length = buffer.writerIndex - Self.room + ranges.reduce(0) { $0 + $1.count }
        headerSize = Self.writeHeader(form, length: length, &buffer)
        var pieces: [(bytes: ByteBuffer, isShared: Bool)] = []
        pieces.reserveCapacity(2 * ranges.count)
        var start = Self.room
        for (range, end) in zip(ranges, ends) {
            pieces.append((Self.slice(common, common.readerIndex + range.lowerBound, range.count), false))
            pieces.append((Self.slice(buffer, start, end - start), false))
            start = end
        }
        tail = Tail(shared: nil, pieces: pieces)
        head = Self.slice(buffer, Self.room - headerSize, headerSize)
    }

    /// A slice that the caller knows to be within the buffer.
    private static func slice(_ buffer: ByteBuffer, _ index: Int, _ length: Int) -> ByteBuffer {
        buffer.getSlice(at: index, length: length) ?? ByteBuffer()
    }

    /// The frame's header is 2, 4 or 10 bytes long, depending on the payload's length, which is known only after
    /// writing. So 10 bytes are reserved in front, and the frame begins where its actual header begins.
    private static let room = 10

    private static func buffer(_ size: Int) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: room + size)
        buffer.moveWriterIndex(to: room)
        return buffer
    }

    /// Writes the header so that it ends where the payload begins, and returns how many bytes it has.
    private static func writeHeader(_ form: Form, length: Int, _ buffer: inout ByteBuffer) -> Int {
        let size: Int
        switch length {
        case ..<126:
            size = 2
            buffer.setInteger(UInt8(length), at: room - 1)
        case ..<65_536:
            size = 4
            buffer.setInteger(UInt8(126), at: room - 3)
            buffer.setInteger(UInt16(length), at: room - 2)
        default:
            size = 10
            buffer.setInteger(UInt8(127), at: 1)
            buffer.setInteger(UInt64(length), at: 2)
        }
        buffer.setInteger(form.rawValue, at: room - size)
        return size
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

    /// The whole frame; `nil` for one with a ``tail``. O(1).
    var whole: ByteBuffer? { tail == nil ? head : nil }

    /// How many bytes the payload has. O(1).
    package var payloadSize: Int { size - headerSize }

    /// How many bytes the whole frame has. O(1).
    package var size: Int { head.readableBytes + (tail?.size ?? 0) }
}
