import NIOCore

extension OutboundMessage {
    /// The text with which every snapshot begins.
    static let snapshotStart: StaticString = "{\"action\":\"load/index\""

    /// The same snapshot with one more member, for one client; any other message stays as it is.
    ///
    /// The map does not know the member's value: a recording of the map must not contain secrets, and must give the
    /// same bytes each time.
    ///
    /// - Parameter member: A name with its value, as JSON text without a comma.
    /// - Returns: The message for that client.
    /// - Complexity: O(n) in the length of the message's own beginning; a ``tail`` stays shared.
    package func adding(member: [UInt8]) -> OutboundMessage {
        let start = Self.snapshotStart
        let length = start.utf8CodeUnitCount
        return ownPart.withUnsafeReadableBytes { bytes in
            let isSnapshot = start.withUTF8Buffer { bytes.starts(with: $0) }
            guard kind == .snapshot, isSnapshot else { return self }
            let message = OutboundMessage(kind: kind, size: bytes.count + member.count + 1, tail: tail) { buffer in
                buffer.writeBytes(bytes.prefix(length))
                buffer.writeInteger(UInt8(ascii: ","))
                buffer.writeBytes(member)
                buffer.writeBytes(bytes.dropFirst(length))
            }
            guard let payload = compact?.payload else { return message }
            let map = ([UInt8(ascii: "{")] + member + [UInt8(ascii: "}")]).withUnsafeBufferPointer {
                MessagePack.translate(json: $0)
            }
            return message.with(compactSize: payload.readableBytes + map.count) { buffer in
                buffer.writeImmutableBuffer(payload)
                buffer.writeBytes(map)
            }
        }
    }
}
