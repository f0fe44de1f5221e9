import ClientFrames
import NIOCore
import Testing

@testable import Transport

@Suite("WebSocket frames (RFC 6455)") struct WebSocketDecoderTests {
    typealias Event = WebSocketDecoder.Event

    func decode(_ bytes: [UInt8], chunk: Int? = nil, limit: Int = 100) throws -> [Event] {
        var decoder = WebSocketDecoder(maxMessageBytes: limit)
        var events: [Event] = []
        for start in stride(from: 0, to: bytes.count, by: chunk ?? max(bytes.count, 1)) {
            decoder.receive(ByteBuffer(bytes: bytes[start..<min(bytes.count, start + (chunk ?? bytes.count))]))
            while let event = try decoder.next() { events.append(event) }
        }
        return events
    }

    static let conversation =
        ClientFrame.make(1, Array("héllo".utf8)) + ClientFrame.make(2, [0, 255]) + ClientFrame.make(9, [7])
        + ClientFrame.make(1, Array("a".utf8), isFinal: false) + ClientFrame.make(10, [])
        + ClientFrame.make(0, [], isFinal: false) + ClientFrame.make(0, Array("b".utf8)) + ClientFrame.make(1, [])
        + ClientFrame.make(8, [3, 0xE8, 0x6F, 0x6B])

    static let events: [Event] = [
        .message(Array("héllo".utf8), isText: true), .message([0, 255], isText: false), .ping([7]), .pong([]),
        .message(Array("ab".utf8), isText: true), .message([], isText: true), .close(1000, reason: "ok"),
    ]

    @Test(
        "messages, fragments with control frames between them, and closes are decoded however the bytes are cut",
        arguments: 1...20)
    func anyCut(chunk: Int) throws { #expect(try decode(Self.conversation, chunk: chunk) == Self.events) }

    @Test("all three length forms are read", arguments: [0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
    func lengths(count: Int) throws {
        let payload = [UInt8](repeating: 0x61, count: count)
        #expect(try decode(ClientFrame.make(1, payload), limit: 100_000) == [.message(payload, isText: true)])
    }

    @Test(
        "each violation has its close code",
        arguments: [
            ("unmasked", [0x81, 0x01, 0x41], .protocolError),
            ("RSV1", [0xC1, 0x80, 0, 0, 0, 0], .protocolError), ("RSV2", [0xA1, 0x80, 0, 0, 0, 0], .protocolError),
            ("RSV3", [0x91, 0x80, 0, 0, 0, 0], .protocolError), ("opcode 3", [0x83, 0x80], .protocolError),
            ("opcode 11", [0x8B, 0x80], .protocolError), ("fragmented ping", [0x09, 0x80], .protocolError),
            ("long ping", [0x89, 0xFE, 0, 126], .protocolError), ("continuation first", [0x80, 0x80], .protocolError),
            ("text in text", ClientFrame.make(1, [], isFinal: false) + ClientFrame.make(1, []), .protocolError),
            ("long form of 5", [0x81, 0xFE, 0, 5], .protocolError),
            ("longest form of 5", [0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0, 5], .protocolError),
            ("negative length", [0x81, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 5], .protocolError),
            ("too long, by its header", [0x81, 0xFE, 0, 126], .tooBig),
            ("2^62 bytes", [0x81, 0xFF, 0x40, 0, 0, 0, 0, 0, 0, 0], .tooBig),
            (
                "too long in fragments",
                ClientFrame.make(1, [UInt8](repeating: 0x61, count: 99), isFinal: false)
                    + ClientFrame.make(0, [0x61, 0x61]),
                .tooBig
            ),
            ("not UTF-8", ClientFrame.make(1, [0xC3, 0x28]), .badData),
            ("surrogate", ClientFrame.make(1, [0xED, 0xA0, 0x80]), .badData),
            ("half a code", ClientFrame.make(8, [3]), .protocolError),
            ("code 999", ClientFrame.make(8, [3, 0xE7]), .protocolError),
            ("code 1005", ClientFrame.make(8, [3, 0xED]), .protocolError),
            ("code 5000", ClientFrame.make(8, [0x13, 0x88]), .protocolError),
            ("reason not UTF-8", ClientFrame.make(8, [3, 0xE8, 0xFF]), .badData),
        ] as [(String, [UInt8], CloseCode)])
    func violations(name: String, bytes: [UInt8], code: CloseCode) {
        let error = #expect(throws: WebSocketViolation.self, "\(name)") { try decode(bytes) }
        #expect(error?.code == code, "\(name)")
    }

    @Test(
        "a violation's text names the value and what is allowed, and fits into a close frame",
        arguments: [
            (ClientFrame.make(3, []), "opcode 3 is not defined; 0, 1, 2, 8, 9 and 10 are"),
            ([0x81, 0xFE, 0, 5], "the length 5 is not in its shortest form"),
            ([0x81, 0xFE, 0, 126], "a message may have 100 bytes, this one has 126 or more"),
            (
                ClientFrame.make(8, [0x13, 0x88]),
                "the close code 5000 may not be sent; 1000 to 1003, 1007 to 1014 and 3000 to 4999 may"
            ),
        ] as [([UInt8], String)])
    func texts(bytes: [UInt8], text: String) {
        let error = #expect(throws: WebSocketViolation.self) { try decode(bytes) }
        #expect(error?.description == text && text.utf8.count <= 123)
    }

    @Test("a character that is split between fragments is complete in the message")
    func splitCharacter() throws {
        let bytes = ClientFrame.make(1, [0xC3], isFinal: false) + ClientFrame.make(0, [0xA9])
        #expect(try decode(bytes) == [.message(Array("é".utf8), isText: true)])
    }

    @Test("the number of empty fragments is bounded")
    func emptyFragments() {
        let bytes =
            ClientFrame.make(1, [], isFinal: false)
            + (0..<2000).flatMap { _ in ClientFrame.make(0, [], isFinal: false) }
        let error = #expect(throws: WebSocketViolation.self) { try decode(bytes) }
        #expect(error?.code == .tooBig)
    }

    @Test("the decoder never holds more than one message and one read")
    func bounded() throws {
        var decoder = WebSocketDecoder(maxMessageBytes: 100)
        for _ in 0..<50 {
            decoder.receive(ByteBuffer(bytes: ClientFrame.make(1, [UInt8](repeating: 0x61, count: 100)).prefix(60)))
            #expect(throws: Never.self) { while try decoder.next() != nil {} }
            decoder.receive(ByteBuffer(bytes: ClientFrame.make(1, [UInt8](repeating: 0x61, count: 100)).dropFirst(60)))
            while try decoder.next() != nil {}
            #expect(decoder.heldBytes == 0)
        }
    }

    @Test("random bytes never trap; seed 1 to 200", arguments: [1, 50, 100, 200])
    func fuzz(seed: UInt64) {
        var state = seed
        func random() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        for _ in 0..<3000 {
            var bytes = Self.conversation
            for _ in 0..<(1 + random() % 6) { bytes[Int(random()) % bytes.count] = UInt8(truncatingIfNeeded: random()) }
            _ = try? decode(bytes, chunk: 1 + Int(random() % 30))
        }
    }

    @Test("server frames have the shortest length form", arguments: [(125, 2), (126, 4), (65_535, 4), (65_536, 10)])
    func frameHeaders(count: Int, header: Int) {
        #expect(WebSocketFrame.text([UInt8](repeating: 0x61, count: count)).readableBytes == count + header)
    }

    @Test("a close reason is cut at a character, within a control frame")
    func closeReason() {
        let frame = WebSocketFrame.close(1000, reason: String(repeating: "é", count: 100))
        #expect(frame.readableBytes == 2 + 2 + 122)
    }
}
