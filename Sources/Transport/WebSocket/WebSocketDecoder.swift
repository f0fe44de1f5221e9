import NIOCore
import Wire

/// How a client broke the framing, and the code with which its connection is closed.
struct WebSocketViolation: Error, Equatable, CustomStringConvertible {
    /// The code of the close frame.
    var code: CloseCode
    /// The violation, for people.
    var description: String

    init(_ code: CloseCode, _ description: String) {
        self.code = code
        self.description = description
    }
}

/// Turns a client's bytes into messages and control frames, and enforces RFC 6455 and RFC 7692 strictly.
///
/// Frames must be masked and have minimal length fields and known opcodes. Control frames have at most 125 bytes and
/// are not fragmented. Text must be UTF-8, which is checked as it arrives. Reserved bits must be zero, except RSV1,
/// which marks a compressed message when compression was agreed. The size of a message is bounded, counted over all its
/// fragments and after decompression. A larger one is refused when the frame header arrives or during decompression, so
/// the decoder holds at most one message and one read.
///
/// Bytes go in by ``receive(_:)``, events come out of ``next()`` until it returns `nil`. After a violation the decoder
/// must not be used again.
struct WebSocketDecoder {
    /// A message or a control frame of the client.
    enum Event: Equatable {
        /// A whole message; `isText` is `false` for a binary one.
        case message([UInt8], isText: Bool)
        case ping([UInt8])
        case pong([UInt8])
        /// A close frame; the code is `nil` when the frame was empty.
        case close(UInt16?, reason: String)
    }

    /// A frame whose header was read.
    private struct Frame {
        var isFinal: Bool
        var kind: WebSocketFrameKind
        /// Payload bytes that are still to come.
        var remaining: Int
        /// The mask, rotated so that its first byte is for the next payload byte.
        var mask: UInt32
    }

    /// A message of which at least one frame has begun.
    private struct Message {
        var bytes: [UInt8] = []
        var isText: Bool
        var isCompressed: Bool
        var fragments = 1
        var text = UTF8Validator()
    }

    /// The default limit of frames per message. It stops a client that sends empty fragments without end.
    static let maxFragments = 1024

    private let maxMessageBytes: Int
    private let maxFragments: Int
    private let deflate: DeflateAgreement?
    /// Kept between messages only when the client compresses with context takeover.
    private var inflater: Inflater?
    private var buffer = ByteBuffer()
    private var frame: Frame?
    private var message: Message?
    private var control: [UInt8] = []

    /// Makes a decoder.
    ///
    /// - Parameters:
    ///   - maxMessageBytes: The largest size of a message.
    ///   - maxFragments: The most frames that one message may have.
    ///   - deflate: The agreement about compression; `nil` without compression.
    init(
        maxMessageBytes: Int, maxFragments: Int = WebSocketDecoder.maxFragments, deflate: DeflateAgreement? = nil
    ) {
        self.maxMessageBytes = maxMessageBytes
        self.maxFragments = maxFragments
        self.deflate = deflate
    }

    /// Bytes held: unread ones and those of an incomplete message.
    var heldBytes: Int { buffer.readableBytes + control.count + (message?.bytes.count ?? 0) }

    /// Appends bytes that were read from the connection.
    ///
    /// - Parameter bytes: The bytes.
    mutating func receive(_ bytes: ByteBuffer) {
        if buffer.readableBytes == 0 {
            buffer = bytes
        } else {
            buffer.discardReadBytes()
            buffer.writeImmutableBuffer(bytes)
        }
    }

    /// The next event, or `nil` when more bytes are needed.
    ///
    /// - Throws: ``WebSocketViolation``.
    mutating func next() throws(WebSocketViolation) -> Event? {
        while true {
            if frame == nil { try readHeader() }
            guard let kind = frame?.kind else { return nil }
            try readPayload(isControl: kind.isControl)
            guard let frame, frame.remaining == 0 else { return nil }
            self.frame = nil
            // Otherwise the empty buffer would keep the memory into which the connection reads.
            if buffer.readableBytes == 0 { buffer = ByteBuffer() }
            if let event = try finished(frame) { return event }
        }
    }

    // MARK: - Headers

    private mutating func readHeader() throws(WebSocketViolation) {
        let start = buffer.readerIndex
        guard let first = buffer.getInteger(at: start, as: UInt8.self),
            let second = buffer.getInteger(at: start + 1, as: UInt8.self)
        else { return }
        guard first & 0x30 == 0, first & 0x40 == 0 || deflate != nil else {
            throw WebSocketViolation(
                .protocolError, "reserved bits are set; a client may set only RSV1, when compression was agreed")
        }
        guard let kind = WebSocketFrameKind(rawValue: first & 0x0F) else {
            throw WebSocketViolation(.protocolError, "opcode \(first & 0x0F) is not defined; 0, 1, 2, 8, 9 and 10 are")
        }
        let isCompressed = first & 0x40 != 0
        guard !isCompressed || kind == .text || kind == .binary else {
            throw WebSocketViolation(.protocolError, "only a message's first frame may be marked as compressed")
        }
        guard second & 0x80 != 0 else {
            throw WebSocketViolation(.protocolError, "the frame is not masked; a client must mask every frame")
        }
        let isFinal = first & 0x80 != 0
        if kind.isControl, !isFinal || second & 0x7F > 125 {
            throw WebSocketViolation(.protocolError, "a control frame comes whole and has at most 125 bytes")
        }
        try checkOrder(kind)
        guard let (length, size) = try payloadLength(second & 0x7F, at: start + 2) else { return }
        let held = kind.isControl ? 0 : UInt64(message?.bytes.count ?? 0)
        guard kind.isControl || length + held <= UInt64(maxMessageBytes) else {
            throw WebSocketViolation(
                .tooBig, "a message may have \(maxMessageBytes) bytes, this one has \(length + held) or more")
        }
        guard let mask = buffer.getInteger(at: start + 2 + size, as: UInt32.self) else { return }
        buffer.moveReaderIndex(forwardBy: 2 + size + 4)
        frame = Frame(isFinal: isFinal, kind: kind, remaining: Int(length), mask: mask)
        switch kind {
        case .text, .binary: message = Message(isText: kind == .text, isCompressed: isCompressed)
        case .continuation: message?.fragments += 1
        case .close, .ping, .pong: control.removeAll(keepingCapacity: true)
        }
    }

    /// Reads a length of 7, 16 or 64 bits.
    ///
    /// - Returns: The length, and the size of its field in bytes; `nil` when the field has not arrived completely.
    private func payloadLength(_ short: UInt8, at index: Int) throws(WebSocketViolation) -> (UInt64, Int)? {
        switch short {
        case 127:
            guard let long = buffer.getInteger(at: index, as: UInt64.self) else { return nil }
            guard long > 0xFFFF, long < 1 << 63 else {
                throw WebSocketViolation(.protocolError, "the length \(long) is not in its shortest form")
            }
            return (long, 8)
        case 126:
            guard let medium = buffer.getInteger(at: index, as: UInt16.self) else { return nil }
            guard medium > 125 else {
                throw WebSocketViolation(.protocolError, "the length \(medium) is not in its shortest form")
            }
            return (UInt64(medium), 2)
        default: return (UInt64(short), 0)
        }
    }

    private func checkOrder(_ kind: WebSocketFrameKind) throws(WebSocketViolation) {
        if kind == .continuation, message == nil {
            throw WebSocketViolation(.protocolError, "a continuation needs a message that has not ended")
        }
        if kind == .text || kind == .binary, message != nil {
            throw WebSocketViolation(.protocolError, "a message must end before the next one begins")
        }
        if let message, kind == .continuation, message.fragments >= maxFragments {
            throw WebSocketViolation(.tooBig, "a message may come in at most \(maxFragments) frames")
        }
    }

    // MARK: - Payloads

    /// Moves the available part of the frame's payload from `buffer` to the message or to `control`, and unmasks it.
    private mutating func readPayload(isControl: Bool) throws(WebSocketViolation) {
        guard var frame = frame else { return }
        let count = min(frame.remaining, buffer.readableBytes)
        guard count > 0 else { return }
        var target: [UInt8] = []
        swapPayload(&target, isControl: isControl)
        let old = target.count
        target.append(contentsOf: buffer.readableBytesView.prefix(count))
        buffer.moveReaderIndex(forwardBy: count)
        var isText = true
        target.withUnsafeMutableBufferPointer { bytes in
            let part = UnsafeMutableBufferPointer(rebasing: bytes[old...])
            unmask(UnsafeMutableRawBufferPointer(part), with: frame.mask)
            if !isControl, message?.isText == true, message?.isCompressed == false {
                isText = message?.text.accepts(UnsafeBufferPointer(part)) ?? true
            }
        }
        swapPayload(&target, isControl: isControl)
        frame.remaining -= count
        let turn = UInt32(count & 3) * 8
        frame.mask = turn == 0 ? frame.mask : frame.mask << turn | frame.mask >> (32 - turn)
        self.frame = frame
        guard isText else { throw WebSocketViolation(.badData, "a text message is not UTF-8") }
    }

    /// Swaps `bytes` with the payload collected so far, so that it can be changed in place without a copy. A second
    /// call swaps it back.
    private mutating func swapPayload(_ bytes: inout [UInt8], isControl: Bool) {
        if isControl {
            swap(&bytes, &control)
        } else if var whole = message.take() {
            swap(&bytes, &whole.bytes)
            message = whole
        }
    }

    private func unmask(_ bytes: UnsafeMutableRawBufferPointer, with mask: UInt32) {
        let wide = (UInt64(mask) << 32 | UInt64(mask)).bigEndian
        var index = 0
        while index + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            bytes.storeBytes(of: word ^ wide, toByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < bytes.count {
            bytes[index] ^= UInt8(truncatingIfNeeded: mask >> (24 - 8 * UInt32(index & 3)))
            index += 1
        }
    }

    // MARK: - Frames

    private mutating func finished(_ frame: Frame) throws(WebSocketViolation) -> Event? {
        switch frame.kind {
        case .ping: return .ping(control)
        case .pong: return .pong(control)
        case .close: return try close(control)
        case .text, .binary, .continuation:
            guard frame.isFinal, let whole = message else { return nil }
            message = nil
            guard whole.isCompressed else {
                guard !whole.isText || whole.text.isComplete else {
                    throw WebSocketViolation(.badData, "a text message is not UTF-8")
                }
                return .message(whole.bytes, isText: whole.isText)
            }
            let bytes = try inflated(whole.bytes)
            guard !whole.isText || isUTF8(bytes) else {
                throw WebSocketViolation(.badData, "a text message is not UTF-8")
            }
            return .message(bytes, isText: whole.isText)
        }
    }

    private mutating func inflated(_ packed: [UInt8]) throws(WebSocketViolation) -> [UInt8] {
        let keepsContext = deflate?.clientResetsContext == false
        // Creating an inflater takes a few microseconds; keeping it takes 40 KiB for each connection.
        guard let inflater = inflater ?? Inflater() else {
            throw WebSocketViolation(.internalError, "no memory to decompress a message")
        }
        if keepsContext { self.inflater = inflater }
        do throws(Inflater.Failure) {
            return try inflater.message(packed, limit: maxMessageBytes, keepsContext: keepsContext)
        } catch {
            switch error {
            case .damaged: throw WebSocketViolation(.badData, "a compressed message can't be decompressed")
            case .tooBig:
                throw WebSocketViolation(.tooBig, "a message may have \(maxMessageBytes) bytes when decompressed")
            }
        }
    }

    private func close(_ payload: [UInt8]) throws(WebSocketViolation) -> Event {
        guard !payload.isEmpty else { return .close(nil, reason: "") }
        guard payload.count >= 2 else {
            throw WebSocketViolation(.protocolError, "a close frame has no payload or at least the 2 bytes of a code")
        }
        let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        guard CloseCode.isAllowed(code) else {
            throw WebSocketViolation(
                .protocolError,
                "the close code \(code) may not be sent; 1000 to 1003, 1007 to 1014 and 3000 to 4999 may")
        }
        guard let reason = String(validating: payload.dropFirst(2), as: UTF8.self) else {
            throw WebSocketViolation(.badData, "a close reason is not UTF-8")
        }
        return .close(code, reason: reason)
    }

    private func isUTF8(_ bytes: [UInt8]) -> Bool {
        var validator = UTF8Validator()
        return bytes.withUnsafeBufferPointer { validator.accepts($0) } && validator.isComplete
    }
}
