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
    /// - Complexity: O(n) in the length of the message's own beginning; the tails of its frames stay shared.
    package func adding(member: [UInt8]) -> OutboundMessage {
        let start = Self.snapshotStart
        let length = start.utf8CodeUnitCount
        return plain.ownPart.withUnsafeReadableBytes { bytes in
            let isSnapshot = start.withUTF8Buffer { bytes.starts(with: $0) }
            guard kind == .snapshot, isSnapshot else { return self }
            let message = OutboundMessage(kind: kind, size: bytes.count + member.count + 1, tail: plain.tail) {
                $0.writeBytes(bytes.prefix(length))
                $0.writeInteger(UInt8(ascii: ","))
                $0.writeBytes(member)
                $0.writeBytes(bytes.dropFirst(length))
            }
            return message.with(compact: compact?.adding(member: member)).with(deflatedTail: deflated?.tail)
        }
    }

    /// The same message with a compressed form that has the message's own beginning uncompressed, and then a tail of
    /// deflate blocks; `nil` for none.
    ///
    /// The beginning has the receiver's secrets. It is not compressed, so that the length of the message says nothing
    /// about them, and is not compressed with texts of others.
    func with(deflatedTail tail: MessageFrame.Tail?) -> OutboundMessage {
        guard let tail else { return self }
        let own = plain.ownPart
        let size = Deflater.storedSize(own.readableBytes)
        return with(
            deflated: MessageFrame(.deflatedText, size: size, tail: tail) {
                $0.writeStoredBlocks(own.readableBytesView)
            })
    }
}

extension MessageFrame {
    /// A compact snapshot with one more member.
    fileprivate func adding(member: [UInt8]) -> MessageFrame {
        let map = ([UInt8(ascii: "{")] + member + [UInt8(ascii: "}")]).withUnsafeBufferPointer {
            MessagePack.translate(json: $0)
        }
        let own = ownPart
        guard let tail else {
            return MessageFrame(.binary, size: own.readableBytes + map.count) {
                $0.writeImmutableBuffer(own)
                $0.writeBytes(map)
            }
        }
        return MessageFrame(.binary, size: own.readableBytes, tail: tail.adding(ByteBuffer(bytes: map))) {
            $0.writeImmutableBuffer(own)
        }
    }
}
