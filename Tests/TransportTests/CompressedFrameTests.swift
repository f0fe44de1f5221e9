import ClientFrames
import NIOCore
import Testing
import Wire

@testable import Transport

@Suite("Compressed WebSocket messages (RFC 7692) and text as it arrives") struct CompressedFrameTests {
    func decoder(_ offer: String = "permessage-deflate", limit: Int = 1000) throws -> WebSocketDecoder {
        let agreement = try #require(DeflateAgreement(offers: [offer], policy: .individual))
        return WebSocketDecoder(maxMessageBytes: limit, deflate: agreement)
    }

    func packed(_ bytes: [UInt8], _ deflater: Deflater, keepsContext: Bool = false) -> [UInt8] {
        bytes.withUnsafeBufferPointer { Array(deflater.segment($0, keepsContext: keepsContext).dropLast(4)) }
    }

    /// A frame with RSV1 set.
    func compressedFrame(_ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true) -> [UInt8] {
        var frame = ClientFrame.make(opcode, payload, isFinal: isFinal)
        frame[0] |= 0x40
        return frame
    }

    @Test(
        "compressed messages are decoded, whole and in fragments, with and without a kept context",
        arguments: [1, 3, 1000])
    func messages(chunk: Int) throws {
        var decoder = try decoder()
        let deflater = try #require(Deflater())
        let text = Array(String(repeating: "héllo ", count: 50).utf8)
        let first = packed(text, deflater, keepsContext: true)
        let second = packed(text, deflater, keepsContext: true)
        let bytes =
            compressedFrame(1, first) + compressedFrame(2, Array(second.prefix(3)), isFinal: false)
            + ClientFrame.make(9, [1]) + ClientFrame.make(0, Array(second.dropFirst(3))) + ClientFrame.make(1, [0x41])
        var events: [WebSocketDecoder.Event] = []
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            decoder.receive(ByteBuffer(bytes: bytes[start..<min(bytes.count, start + chunk)]))
            while let event = try decoder.next() { events.append(event) }
        }
        #expect(
            events == [
                .message(text, isText: true), .ping([1]), .message(text, isText: false), .message([0x41], isText: true),
            ])
    }

    @Test("a decompression bomb, damaged data, text that is not UTF-8 and wrong RSV1 bits end the connection")
    func violations() throws {
        let deflater = try #require(Deflater(level: 9))
        let bomb = packed([UInt8](repeating: 0x20, count: 500_000), deflater)
        let cases: [([UInt8], CloseCode)] = [
            (compressedFrame(1, bomb), .tooBig),
            (compressedFrame(1, [0xFF, 0xFF, 0xFF]), .badData),
            (compressedFrame(1, packed([0xC3, 0x28], deflater)), .badData),
            (compressedFrame(9, []), .protocolError),
            (ClientFrame.make(1, [], isFinal: false) + compressedFrame(0, []), .protocolError),
        ]
        for (bytes, code) in cases {
            var decoder = try decoder()
            decoder.receive(ByteBuffer(bytes: bytes))
            let violation = #expect(throws: WebSocketViolation.self) { while try decoder.next() != nil {} }
            #expect(violation?.code == code)
        }
    }

    @Test("text that can't become valid UTF-8 is refused before its frame or message is complete")
    func failsFast() throws {
        let cases: [[UInt8]] = [
            Array(ClientFrame.make(1, [0x41, 0xFF] + [UInt8](repeating: 0x41, count: 50)).prefix(10)),
            ClientFrame.make(1, [0xF4, 0x90], isFinal: false),
            ClientFrame.make(1, [0xED, 0xA0], isFinal: false), ClientFrame.make(1, [0xC0], isFinal: false),
            ClientFrame.make(1, [0xE0], isFinal: false) + ClientFrame.make(0, [0x9F], isFinal: false),
            ClientFrame.make(1, [0xC3]),
        ]
        for bytes in cases {
            var decoder = WebSocketDecoder(maxMessageBytes: 1000)
            decoder.receive(ByteBuffer(bytes: bytes))
            let violation = #expect(throws: WebSocketViolation.self) { while try decoder.next() != nil {} }
            #expect(violation?.code == .badData)
        }
    }

    @Test("the check of arriving text agrees with the standard library's, however the text is cut")
    func validator() {
        var random = SystemRandomNumberGenerator()
        let alphabet: [UInt8] = [
            0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1,
            0xED, 0xEF, 0xF0, 0xF3, 0xF4, 0xF5, 0xFF,
        ]
        var valid = 0
        for _ in 1...20_000 {
            let bytes = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            let expected = String(validating: bytes, as: UTF8.self) != nil
            var validator = UTF8Validator()
            let cut = Int.random(in: 0...bytes.count, using: &random)
            let accepted = [bytes[..<cut], bytes[cut...]].allSatisfy { part in
                Array(part).withUnsafeBufferPointer { validator.accepts($0) }
            }
            #expect((accepted && validator.isComplete) == expected, "\(bytes)")
            if expected { valid += 1 }
        }
        #expect(valid > 500)
    }
}
