import NIOCore

/// How a client broke the framing, and the code with which its connection is closed.
struct WebSocketViolation: Error, Equatable, CustomStringConvertible {
    /// The code of the close frame.
    var code: WebSocketCloseCode
    /// What was wrong.
    var description: String

    init(_ code: WebSocketCloseCode, _ description: String) {
        self.code = code
        self.description = description
    }
}

/// Turns a client's bytes into messages and control frames, strictly by RFC 6455.
///
/// Frames must be masked, with minimal lengths and known opcodes; control frames are short and whole; text is UTF-8;
/// reserved bits are zero, as no extension is negotiated. A message, all its fragments together, is bounded; what exceeds
/// the bound is refused when its header arrives, so at most one message and one read are ever held.
///
/// A pure value: bytes go in by ``receive(_:)``, events come out of ``next()`` until it returns `nil`. After a violation
/// it must not be used again.
struct WebSocketDecoder {
    /// What a client sent.
    enum Event: Equatable {
        /// A whole message; `isText` tells text from binary.
        case message([UInt8], isText: Bool)
        case ping([UInt8])
        case pong([UInt8])
        /// A close frame; no code when it was empty.
        case close(UInt16?, reason: String)
    }

    private struct Header {
        var isFinal: Bool
        var kind: WebSocketFrameKind
        var length: Int
        var mask: UInt32
    }

    /// Frames that one message may come in; keeps empty fragments from going on for ever.
    static let maxFragments = 1024

    private let maxMessageBytes: Int
    private var buffer = ByteBuffer()
    private var header: Header?
    /// The fragments of the current message so far, and whether it is text.
    private var message: (bytes: [UInt8], isText: Bool, fragments: Int)?

    init(maxMessageBytes: Int) { self.maxMessageBytes = maxMessageBytes }

    /// Bytes held: of an incomplete frame and of an incomplete message.
    var heldBytes: Int { buffer.readableBytes + (message?.bytes.count ?? 0) }

    /// Takes bytes in.
    ///
    /// - Parameter bytes: What was read.
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
            if header == nil { header = try readHeader() }
            guard let header, buffer.readableBytes >= header.length else { return nil }
            let payload = readPayload(header)
            self.header = nil
            if let event = try handle(header, payload) { return event }
        }
    }

    // MARK: - Headers

    private mutating func readHeader() throws(WebSocketViolation) -> Header? {
        let start = buffer.readerIndex
        guard let first = buffer.getInteger(at: start, as: UInt8.self),
            let second = buffer.getInteger(at: start + 1, as: UInt8.self)
        else { return nil }
        guard first & 0x70 == 0 else { throw WebSocketViolation(.protocolError, "reserved bits are set") }
        guard let kind = WebSocketFrameKind(rawValue: first & 0x0F) else {
            throw WebSocketViolation(.protocolError, "opcode \(first & 0x0F) is not defined")
        }
        guard second & 0x80 != 0 else { throw WebSocketViolation(.protocolError, "the frame is not masked") }
        let isFinal = first & 0x80 != 0
        if kind.isControl, !isFinal || second & 0x7F > 125 {
            throw WebSocketViolation(.protocolError, "a control frame is fragmented or longer than 125 bytes")
        }
        try checkOrder(kind)

        let lengthSize = second & 0x7F == 127 ? 8 : second & 0x7F == 126 ? 2 : 0
        let length: UInt64
        switch lengthSize {
        case 8:
            guard let long = buffer.getInteger(at: start + 2, as: UInt64.self) else { return nil }
            length = long
            guard length > 0xFFFF, length < 1 << 63 else {
                throw WebSocketViolation(.protocolError, "the length is not in its shortest form")
            }
        case 2:
            guard let short = buffer.getInteger(at: start + 2, as: UInt16.self) else { return nil }
            length = UInt64(short)
            guard length > 125 else {
                throw WebSocketViolation(.protocolError, "the length is not in its shortest form")
            }
        default: length = UInt64(second & 0x7F)
        }
        let held = kind.isControl ? 0 : UInt64(message?.bytes.count ?? 0)
        guard kind.isControl || length + held <= UInt64(maxMessageBytes) else {
            throw WebSocketViolation(.tooBig, "a message may have \(maxMessageBytes) bytes")
        }
        guard let mask = buffer.getInteger(at: start + 2 + lengthSize, as: UInt32.self) else { return nil }
        buffer.moveReaderIndex(forwardBy: 2 + lengthSize + 4)
        return Header(isFinal: isFinal, kind: kind, length: Int(length), mask: mask)
    }

    private func checkOrder(_ kind: WebSocketFrameKind) throws(WebSocketViolation) {
        if kind == .continuation, message == nil {
            throw WebSocketViolation(.protocolError, "a continuation without a message to continue")
        }
        if kind == .text || kind == .binary, message != nil {
            throw WebSocketViolation(.protocolError, "a new message before the last one has ended")
        }
        if let message, kind == .continuation, message.fragments >= Self.maxFragments {
            throw WebSocketViolation(.tooBig, "a message may come in \(Self.maxFragments) frames")
        }
    }

    /// Takes the payload off the buffer, which holds at least `header.length` bytes.
    private mutating func readPayload(_ header: Header) -> [UInt8] {
        guard var payload = buffer.readBytes(length: header.length) else { return [] }
        let mask = withUnsafeBytes(of: header.mask.bigEndian) { Array($0) }
        payload.withUnsafeMutableBufferPointer { bytes in
            for index in bytes.indices { bytes[index] ^= mask[index & 3] }
        }
        return payload
    }

    // MARK: - Frames

    private mutating func handle(_ header: Header, _ payload: [UInt8]) throws(WebSocketViolation) -> Event? {
        switch header.kind {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        case .close: return try close(payload)
        case .text, .binary:
            guard header.isFinal else {
                message = (payload, header.kind == .text, 1)
                return nil
            }
            return try finished(payload, isText: header.kind == .text)
        case .continuation:
            message?.bytes.append(contentsOf: payload)
            message?.fragments += 1
            guard header.isFinal, let whole = message else { return nil }
            message = nil
            return try finished(whole.bytes, isText: whole.isText)
        }
    }

    private func finished(_ bytes: [UInt8], isText: Bool) throws(WebSocketViolation) -> Event {
        guard !isText || isUTF8(bytes) else { throw WebSocketViolation(.badData, "a text message is not UTF-8") }
        return .message(bytes, isText: isText)
    }

    private func close(_ payload: [UInt8]) throws(WebSocketViolation) -> Event {
        guard !payload.isEmpty else { return .close(nil, reason: "") }
        guard payload.count >= 2 else { throw WebSocketViolation(.protocolError, "a close frame with half a code") }
        let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        guard WebSocketCloseCode.isAllowed(code) else {
            throw WebSocketViolation(.protocolError, "the close code \(code) may not be sent")
        }
        guard let reason = String(validating: payload.dropFirst(2), as: UTF8.self) else {
            throw WebSocketViolation(.badData, "a close reason is not UTF-8")
        }
        return .close(code, reason: reason)
    }

    private func isUTF8(_ bytes: [UInt8]) -> Bool {
        if bytes.allSatisfy({ $0 < 0x80 }) { return true }
        return String(validating: bytes, as: UTF8.self) != nil
    }
}
