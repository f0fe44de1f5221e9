package import NIOCore

/// The packets in the body of a polling request, in their order. Between two packets stands the byte 0x1E.
///
/// The packets are read one by one, so that a body of many small packets never takes much more memory than its bytes.
package struct EnginePayload {
    /// Stands between two packets.
    static let separator: UInt8 = 0x1E

    private var rest: ByteBuffer
    private var isAtEnd = false

    /// Makes a reader.
    ///
    /// - Parameter body: The whole body.
    package init(_ body: ByteBuffer) { rest = body }

    /// The next packet; `nil` after the last one.
    ///
    /// - Throws: ``EngineViolation`` for a packet that can't be read; the packets after it are lost.
    /// - Complexity: O(n) in the packet's length.
    package mutating func next() throws(EngineViolation) -> EnginePacket? {
        guard !isAtEnd else { return nil }
        let bytes = rest.readableBytesView
        let end = bytes.firstIndex(of: Self.separator)
        let packet = bytes[bytes.startIndex..<(end ?? bytes.endIndex)]
        if let end { rest.moveReaderIndex(to: end + 1) } else { isAtEnd = true }
        do throws(EngineViolation) {
            return try Self.read(packet)
        } catch {
            isAtEnd = true
            throw error
        }
    }

    private static func read(_ packet: ByteBufferView) throws(EngineViolation) -> EnginePacket {
        if packet.first == UInt8(ascii: "b") {
            guard let bytes = decodeStandardBase64(packet.dropFirst()) else {
                throw EngineViolation(.badData, "a binary packet is not base64")
            }
            return .message(bytes, isText: false)
        }
        // A WebSocket's text is checked by its decoder.
        var validator = UTF8Validator()
        guard packet.withUnsafeBytes({ validator.accepts($0.bindMemory(to: UInt8.self)) }), validator.isComplete else {
            throw EngineViolation(.badData, "a packet is not UTF-8")
        }
        return try EnginePacket(text: packet)
    }
}
