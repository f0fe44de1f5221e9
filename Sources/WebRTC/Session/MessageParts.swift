import NIOCore

/// Long messages are sent in parts, because SCTP sends nothing between the packets of one message: `fast` would have to
/// wait for all of them. Between two messages SCTP goes from stream to stream, so `fast` waits for one part at most: 4
/// packets. A part is a binary message whose first byte says what follows: ``more`` or ``last``. No other binary
/// message begins with these bytes: one that does, such as a snapshot in the compact encoding, is sent as a single
/// part.
enum MessageParts {
    /// The longest message that is sent as it is, and the longest part without its first byte, in bytes.
    static let maxBytes = 4 * 1024
    /// The first byte of a part that another one follows.
    static let more: UInt8 = 1
    /// The first byte of the last part.
    static let last: UInt8 = 2

    /// Divides a message.
    ///
    /// - Parameters:
    ///   - message: The message.
    ///   - isText: Whether it is text.
    ///   - limit: The longest message that the client takes, in bytes.
    /// - Returns: The parts in their order; `nil` for a message that is sent as it is.
    static func divide(_ message: ByteBuffer, isText: Bool, limit: Int) -> [ByteBuffer]? {
        let first = isText ? nil : message.getInteger(at: message.readerIndex, as: UInt8.self)
        guard message.readableBytes > min(maxBytes, limit) || first == more || first == last else { return nil }
        let size = max(1, min(maxBytes, limit - 1))
        var rest = message
        var parts: [ByteBuffer] = []
        while let bytes = rest.readSlice(length: min(size, rest.readableBytes)), bytes.readableBytes > 0 {
            var part = ByteBufferAllocator().buffer(capacity: bytes.readableBytes + 1)
            part.writeInteger(rest.readableBytes > 0 ? more : last)
            part.writeImmutableBuffer(bytes)
            parts.append(part)
        }
        return parts
    }
}
