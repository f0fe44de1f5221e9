import Testing

@testable import Bench

@Suite("WebSocket frames from a server") struct FrameReaderTests {
    struct Message: Equatable {
        var kind: FrameReader.Kind
        var payload: [UInt8]
    }

    /// An unmasked frame with the shortest length field that fits.
    static func frame(_ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true) -> [UInt8] {
        var bytes: [UInt8] = [(isFinal ? 0x80 : 0) | opcode]
        switch payload.count {
        case ..<126: bytes.append(UInt8(payload.count))
        case ..<65_536: bytes += [126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default:
            bytes.append(127)
            for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(payload.count >> shift & 0xFF)) }
        }
        return bytes + payload
    }

    /// Feeds a stream in pieces of one size and collects the messages.
    static func messages(_ stream: [UInt8], pieces: Int, limit: Int = 64 << 20) throws -> [Message] {
        var reader = FrameReader(maxMessageBytes: limit)
        var found: [Message] = []
        for start in stride(from: 0, to: stream.count, by: pieces) {
            let piece = Array(stream[start..<min(start + pieces, stream.count)])
            try piece.withUnsafeBytes { bytes in
                try reader.read(bytes) { found.append(Message(kind: $0, payload: [UInt8]($1))) }
            }
        }
        return found
    }

    @Test(
        "cuts the stream at frame borders, wherever the reads end",
        arguments: [1, 2, 3, 7, 125, 4_096, 65_536, 1 << 20])
    func pieces(size: Int) throws {
        let payloads = [0, 1, 125, 126, 127, 65_535, 65_536, 200_000].map { length in
            (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        }
        let stream = payloads.flatMap { Self.frame(1, $0) }
        #expect(
            try Self.messages(stream, pieces: size) == payloads.map { Message(kind: .text, payload: $0) })
    }

    @Test("joins the fragments of a message and lets control frames stand between them", arguments: [1, 5, 1_000])
    func fragments(size: Int) throws {
        let stream =
            Self.frame(1, [1, 2], isFinal: false) + Self.frame(9, [7]) + Self.frame(0, [3], isFinal: false)
            + Self.frame(0, [4]) + Self.frame(2, [5])
        #expect(
            try Self.messages(stream, pieces: size) == [
                Message(kind: .ping, payload: [7]), Message(kind: .text, payload: [1, 2, 3, 4]),
                Message(kind: .binary, payload: [5]),
            ])
    }

    @Test(
        "refuses what a WebSocket server may not send",
        arguments: [
            ([0xC1, 0x00], FrameReader.Failure.reservedBits), ([0x81, 0x81, 0, 0, 0, 0, 0], .masked),
            ([0x83, 0x00], .opcode(3)), ([0x80, 0x00], .fragmentation),
            ([0x01, 0x01, 0x61, 0x81, 0x01, 0x62], .fragmentation), ([0x09, 0x00], .control),
            ([0x89, 126, 0, 126], .control), ([0x82, 127, 0, 0, 0, 0, 0, 0, 4, 1], .tooLong(1_025)),
            ([0x82, 127, 0xFF, 0, 0, 0, 0, 0, 0, 0], .tooLong(Int.max)),
        ] as [([UInt8], FrameReader.Failure)])
    func refusals(stream: [UInt8], failure: FrameReader.Failure) {
        #expect(throws: failure) { try Self.messages(stream, pieces: 1, limit: 1_024) }
        #expect(throws: failure) { try Self.messages(stream, pieces: 1_000, limit: 1_024) }
    }

    @Test("limits the length of a message that comes in many fragments")
    func fragmentBound() {
        let part = [UInt8](repeating: 1, count: 600)
        let stream = Self.frame(1, part, isFinal: false) + Self.frame(0, part)
        #expect(throws: FrameReader.Failure.tooLong(1_200)) {
            try Self.messages(stream, pieces: 100, limit: 1_024)
        }
    }
}

@Suite("WebSocket frames to a server") struct FrameWriterTests {
    /// Removes the masking and returns opcode and payload.
    static func unmasked(_ frame: [UInt8]) -> (opcode: UInt8, payload: [UInt8]) {
        let length = Int(frame[1] & 0x7F)
        let start = length == 126 ? 4 : 2
        let key = frame[start..<(start + 4)]
        let body = frame[(start + 4)...]
        return (
            frame[0], body.enumerated().map { $0.element ^ key[key.startIndex + $0.offset % 4] }
        )
    }

    @Test("masks every frame, with a key that changes", arguments: [0, 1, 3, 4, 125, 126, 65_535])
    func masking(length: Int) {
        var writer = FrameWriter(seed: 0)
        let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
        payload.withUnsafeBytes { writer.write(.text, $0) }
        let first = writer.bytes
        payload.withUnsafeBytes { writer.write(.text, $0) }
        for frame in [first, writer.bytes] {
            #expect(frame[1] & 0x80 != 0)
            #expect(Self.unmasked(frame).opcode == 0x81)
            #expect(Self.unmasked(frame).payload == payload)
        }
        #expect(first != writer.bytes)
    }

    @Test("writes a command with its integer id")
    func command() {
        var writer = FrameWriter(seed: 7)
        writer.writeCommand("move/left", commandID: 1_670_069_589_900)
        let text = String(decoding: Self.unmasked(writer.bytes).payload, as: UTF8.self)
        #expect(text == #"{"action":"move/left","command_id":1670069589900}"#)
    }
}
