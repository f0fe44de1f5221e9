import NIOCore
import Testing
import Wire

@testable import Transport

@Suite("Engine.IO: packets and payloads") struct EngineCodecTests {
    private func read(_ body: [UInt8]) -> Result<[EnginePacket], EngineViolation> {
        Result { () throws(EngineViolation) in
            var payload = EnginePayload(ByteBuffer(bytes: body))
            var packets: [EnginePacket] = []
            while let packet = try payload.next() { packets.append(packet) }
            return packets
        }
    }

    private static func message(_ text: String) -> EnginePacket { .message(Array(text.utf8), isText: true) }

    @Test(
        "a body is read into its packets, in their order",
        arguments: [
            ("4hello", [message("hello")]),
            ("4", [message("")]),
            ("4test1\u{1e}4test2\u{1e}4test3", ["test1", "test2", "test3"].map(message)),
            ("4hello\u{1e}bAQIDBA==", [message("hello"), .message([1, 2, 3, 4], isText: false)]),
            ("b", [.message([], isText: false)]),
            ("4€𝄞\u{1e}4b", [message("€𝄞"), message("b")]),
            ("1\u{1e}3\u{1e}5\u{1e}6", [.close, .pong, .upgrade, .noop]),
            ("2probe\u{1e}2", [.ping(Array("probe".utf8)), .ping([])]),
            ("3probe", [.pong]),
        ] as [(String, [EnginePacket])])
    func payloads(body: String, packets: [EnginePacket]) {
        #expect(read(Array(body.utf8)) == .success(packets))
    }

    @Test(
        "what is not a packet of a client is a violation",
        arguments: [
            ("", 1002), ("abc", 1002), ("0{}", 1002), ("7", 1002), ("4a\u{1e}", 1002), ("\u{1e}4a", 1002),
            ("4a\u{1e}\u{1e}4b", 1002), ("B", 1002), ("b*", 1007), ("bAQI-", 1007), ("bAQ I", 1007), ("bA", 1007),
            ("bAQ=", 1007), ("bAQID=", 1007), ("b=", 1007), ("bAQ==AQ==", 1007), ("bAQIDBA==\n", 1007),
        ])
    func garbage(body: String, code: UInt16) {
        guard case .failure(let violation) = read(Array(body.utf8)) else {
            Issue.record("\(body) was read")
            return
        }
        #expect(violation.code.rawValue == code)
    }

    @Test(
        "a text that is not UTF-8 is a violation",
        arguments: [[0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xE2, 0x82, 0x1E, 0x34]] as [[UInt8]])
    func encoding(bytes: [UInt8]) {
        guard case .failure(let violation) = read([0x34] + bytes) else {
            Issue.record("it was read")
            return
        }
        #expect(violation.code == .badData)
    }

    @Test("packets before a broken one are read, and none after it")
    func broken() throws {
        var payload = EnginePayload(ByteBuffer(string: "4one\u{1e}x\u{1e}4two"))
        #expect(try payload.next() == Self.message("one"))
        #expect(throws: EngineViolation.self) { try payload.next() }
        #expect(try payload.next() == nil)
    }

    @Test("a body of only small packets is read in one pass")
    func many() throws {
        var payload = EnginePayload(ByteBuffer(repeating: 0x34, count: 1))
        #expect(try payload.next() == Self.message(""))
        let body = Array(String(repeating: "4\u{1e}", count: 400_000).utf8) + [0x34]
        payload = EnginePayload(ByteBuffer(bytes: body))
        var count = 0
        while try payload.next() != nil { count += 1 }
        #expect(count == 400_001)
    }

    @Test("base64 comes back as the same bytes, whatever their number", arguments: 0...20)
    func base64(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 83 &+ 250) }
        let body = EngineOutput.payload(of: [.binary(bytes)])
        #expect(read(Array(body.readableBytesView)) == .success([.message(bytes, isText: false)]))
        #expect(EngineOutput.binary(bytes).size == body.readableBytes)
        let unpadded = Array(body.readableBytesView.prefix { $0 != UInt8(ascii: "=") })
        #expect(read(unpadded) == .success([.message(bytes, isText: false)]))
    }

    @Test("an answer has the packets with separators between them, and each has the size that it says")
    func answer() {
        let json = OutboundMessage(kind: .direct, json: Array("{\"a\":1}".utf8))
        let packet = OutboundMessage(kind: .direct, json: Array("42[\"x\"]".utf8))
        let packets: [EngineOutput] = [
            .text(Array("hi".utf8)), .binary([1, 2, 3, 4]), .message(json), .packet(packet), .control("6"), .close,
        ]
        let body = EngineOutput.payload(of: packets)
        #expect(String(buffer: body) == "4hi\u{1e}bAQIDBA==\u{1e}4{\"a\":1}\u{1e}42[\"x\"]\u{1e}6\u{1e}1")
        #expect(body.readableBytes == packets.reduce(packets.count - 1) { $0 + $1.size })
    }
}
