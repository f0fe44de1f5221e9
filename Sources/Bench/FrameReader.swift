/// Cuts a server's byte stream into WebSocket messages (RFC 6455).
///
/// Complete frames are passed on without a copy; only a frame that is split over reads, or a message that is split over
/// frames, is copied. The reader is a value type without a clock or a socket: the caller passes it the bytes.
package struct FrameReader {
    /// The type of a frame or message.
    package enum Kind: UInt8, Sendable {
        case text = 1
        case binary = 2
        case close = 8
        case ping = 9
        case pong = 10
    }

    /// A violation of the protocol by the server; the connection can't be used any more.
    package enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// Reserved bits are set although no extension was negotiated.
        case reservedBits
        /// An opcode that RFC 6455 does not define.
        case opcode(UInt8)
        /// The frame is masked; servers must not mask.
        case masked
        /// A frame is longer than the limit, in bytes.
        case tooLong(Int)
        /// A continuation without a beginning, or a beginning inside another message.
        case fragmentation
        /// A control frame that is fragmented or longer than 125 bytes.
        case control

        package var description: String {
            switch self {
            case .reservedBits: "frame with reserved bits set"
            case .opcode(let opcode): "frame with unknown opcode \(opcode)"
            case .masked: "masked frame from the server"
            case .tooLong(let bytes): "message of \(bytes) bytes"
            case .fragmentation: "fragments out of order"
            case .control: "control frame that is fragmented or too long"
            }
        }
    }

    private struct Head {
        var isFinal: Bool
        var opcode: UInt8
        var headerBytes: Int
        var payloadBytes: Int
    }

    /// The longest message that is accepted, in bytes.
    package let maxMessageBytes: Int
    /// The received bytes of an incomplete frame.
    private var pending: [UInt8] = []
    /// Payload of a fragmented message so far, and its kind.
    private var fragments: [UInt8] = []
    private var fragmentKind: Kind?

    /// Makes a reader at the beginning of a stream.
    ///
    /// - Parameter maxMessageBytes: The longest message that is accepted.
    package init(maxMessageBytes: Int = 64 << 20) { self.maxMessageBytes = maxMessageBytes }

    /// Reads the next bytes of the stream and passes on every message that they complete.
    ///
    /// - Parameters:
    ///   - bytes: The bytes read from the socket, of any length.
    ///   - body: Called with each message in order; the payload is valid during the call only.
    /// - Throws: ``Failure`` when the stream breaks the protocol.
    /// - Complexity: O(bytes).
    package mutating func read(
        _ bytes: UnsafeRawBufferPointer, _ body: (Kind, UnsafeRawBufferPointer) -> Void
    ) throws(Failure) {
        var rest = bytes
        if !pending.isEmpty {
            guard try complete(with: &rest, body) else { return }
        }
        while !rest.isEmpty {
            guard let head = try Self.head(rest, maxMessageBytes), head.headerBytes + head.payloadBytes <= rest.count
            else {
                pending.append(contentsOf: rest)
                return
            }
            let end = head.headerBytes + head.payloadBytes
            try deliver(head, UnsafeRawBufferPointer(rebasing: rest[head.headerBytes..<end]), body)
            rest = UnsafeRawBufferPointer(rebasing: rest[end...])
        }
    }

    /// Moves bytes to `pending` until its frame is complete and delivers the frame; false when too few bytes came.
    private mutating func complete(
        with rest: inout UnsafeRawBufferPointer, _ body: (Kind, UnsafeRawBufferPointer) -> Void
    ) throws(Failure) -> Bool {
        while true {
            let head = try pendingHead()
            let wanted = head.map { $0.headerBytes + $0.payloadBytes } ?? (pending.count + 1)
            let taken = min(wanted - pending.count, rest.count)
            pending.append(contentsOf: rest.prefix(taken))
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(taken))
            guard pending.count >= wanted else { return false }
            guard let head else { continue }
            // The array is moved out, so that the payload can be read while `self` is changed.
            var frame: [UInt8] = []
            swap(&frame, &pending)
            let result = frame.withUnsafeBytes { raw -> Result<Void, Failure> in
                do throws(Failure) {
                    return .success(
                        try deliver(head, UnsafeRawBufferPointer(rebasing: raw[head.headerBytes...]), body))
                } catch {
                    return .failure(error)
                }
            }
            // The large buffer of a snapshot is not kept: a thousand clients would keep a thousand of them.
            if frame.capacity <= 128 << 10 {
                frame.removeAll(keepingCapacity: true)
                swap(&frame, &pending)
            }
            try result.get()
            return true
        }
    }

    private func pendingHead() throws(Failure) -> Head? {
        let limit = maxMessageBytes
        let result = pending.withUnsafeBytes { raw -> Result<Head?, Failure> in
            do throws(Failure) { return .success(try Self.head(raw, limit)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private static func head(_ bytes: UnsafeRawBufferPointer, _ limit: Int) throws(Failure) -> Head? {
        guard bytes.count >= 2 else { return nil }
        guard bytes[0] & 0x70 == 0 else { throw .reservedBits }
        guard bytes[1] & 0x80 == 0 else { throw .masked }
        let opcode = bytes[0] & 0x0F
        guard opcode == 0 || Kind(rawValue: opcode) != nil else { throw .opcode(opcode) }
        var head = Head(isFinal: bytes[0] & 0x80 != 0, opcode: opcode, headerBytes: 2, payloadBytes: Int(bytes[1]))
        if opcode >= 8, !head.isFinal || head.payloadBytes > 125 { throw .control }
        let lengthBytes = head.payloadBytes < 126 ? 0 : head.payloadBytes == 126 ? 2 : 8
        if lengthBytes > 0 {
            head.headerBytes += lengthBytes
            guard bytes.count >= head.headerBytes else { return nil }
            let length = bytes[2..<head.headerBytes].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            head.payloadBytes = Int(clamping: length)
        }
        guard head.payloadBytes <= limit else { throw .tooLong(head.payloadBytes) }
        return head
    }

    private mutating func deliver(
        _ head: Head, _ payload: UnsafeRawBufferPointer, _ body: (Kind, UnsafeRawBufferPointer) -> Void
    ) throws(Failure) {
        guard let kind = Kind(rawValue: head.opcode) else {
            guard let kind = fragmentKind else { throw .fragmentation }
            guard fragments.count + payload.count <= maxMessageBytes else {
                throw .tooLong(fragments.count + payload.count)
            }
            fragments.append(contentsOf: payload)
            if head.isFinal {
                fragments.withUnsafeBytes { body(kind, $0) }
                fragments = []
                fragmentKind = nil
            }
            return
        }
        // Control frames (opcode 8 and above) may come between the fragments of a message.
        if head.opcode < 8 {
            guard fragmentKind == nil else { throw .fragmentation }
            if !head.isFinal {
                fragmentKind = kind
                fragments.append(contentsOf: payload)
                return
            }
        }
        body(kind, payload)
    }
}
