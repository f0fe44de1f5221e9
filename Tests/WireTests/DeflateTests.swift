import NIOCore
import Testing

@testable import Wire

@Suite("Compression (RFC 7692, 1-protocol 2)") struct DeflateTests {
    let text = Array(String(repeating: "{\"id\":24,\"key\":\"players_24\",\"x\":160},", count: 200).utf8)

    func segment(_ deflater: Deflater, _ bytes: [UInt8], keepsContext: Bool = false) -> [UInt8] {
        bytes.withUnsafeBufferPointer { deflater.segment($0, keepsContext: keepsContext) }
    }

    func stored(_ bytes: [UInt8]) -> [UInt8] {
        var buffer = ByteBuffer()
        buffer.writeStoredBlocks(bytes)
        return Array(buffer.readableBytesView)
    }

    @Test(
        "a compressed segment is smaller, and decompresses to the same bytes", arguments: [1, 3, 6, 9] as [Int32],
        [9, 12, 15] as [Int32])
    func roundTrip(level: Int32, windowBits: Int32) throws {
        let deflater = try #require(Deflater(level: level, windowBits: windowBits))
        let inflater = try #require(Inflater())
        let packed = segment(deflater, text)
        #expect(packed.suffix(4) == [0, 0, 0xFF, 0xFF])
        #expect(packed.count * 3 < text.count)
        #expect(try inflater.message(Array(packed.dropLast(4)), limit: text.count, keepsContext: false) == text)
    }

    @Test(
        "one shared segment works for receivers with different own parts",
        arguments: [0, 1, 100, 65_535, 65_536, 200_000])
    func sharedAndOwn(count: Int) throws {
        let deflater = try #require(Deflater())
        let shared = segment(deflater, text)
        let own = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let message = shared + stored(own) + [Deflater.end]
        #expect(message.count == shared.count + Deflater.storedSize(count) + 1)
        let inflater = try #require(Inflater())
        for _ in 1...2 {
            #expect(try inflater.message(message, limit: .max / 2, keepsContext: false) == text + own)
        }
    }

    @Test("with a kept context repeated text is smaller, and a message needs the previous ones")
    func context() throws {
        let deflater = try #require(Deflater())
        let first = segment(deflater, text, keepsContext: true)
        let second = segment(deflater, text, keepsContext: true)
        #expect(second.count < first.count)
        let inflater = try #require(Inflater())
        for packed in [first, second] {
            #expect(try inflater.message(packed.dropLast(4), limit: text.count, keepsContext: true) == text)
        }
        for _ in 1...2 {
            let nothing = segment(deflater, [], keepsContext: true)
            #expect(try inflater.message(nothing.dropLast(4), limit: 0, keepsContext: true) == [])
        }
        let newcomer = try #require(Inflater())
        #expect(throws: Inflater.Failure.damaged) {
            try newcomer.message(second.dropLast(4), limit: text.count, keepsContext: true)
        }
    }

    @Test("a message that decompresses beyond its limit is refused before it fills memory (a decompression bomb)")
    func bomb() throws {
        let deflater = try #require(Deflater(level: 9))
        let packed = segment(deflater, [UInt8](repeating: 0, count: 10_000_000))
        #expect(packed.count < 16_384)
        let inflater = try #require(Inflater())
        #expect(throws: Inflater.Failure.tooBig) {
            try inflater.message(packed.dropLast(4), limit: 16_384, keepsContext: false)
        }
        let exact = segment(deflater, [UInt8](repeating: 1, count: 16_384))
        #expect(try inflater.message(exact.dropLast(4), limit: 16_384, keepsContext: false).count == 16_384)
    }

    @Test("garbage is refused, and the next message is read")
    func garbage() throws {
        let inflater = try #require(Inflater())
        var random = SystemRandomNumberGenerator()
        for length in 1...200 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = try? inflater.message(bytes, limit: 1000, keepsContext: false)
        }
        #expect(throws: Inflater.Failure.damaged) {
            try inflater.message([0xFF, 0xFF, 0xFF], limit: 1000, keepsContext: false)
        }
        let deflater = try #require(Deflater())
        #expect(
            try inflater.message(segment(deflater, text).dropLast(4), limit: text.count, keepsContext: false) == text)
    }

    @Test("a final block does not end the message (RFC 7692 7.2.3.4)") func finalBlock() throws {
        let inflater = try #require(Inflater())
        let hello: [UInt8] = [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00]
        #expect(try inflater.message(hello, limit: 100, keepsContext: false) == Array("Hello".utf8))
        let plain: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
        #expect(try inflater.message(plain, limit: 100, keepsContext: false) == Array("Hello".utf8))
    }
}

extension Inflater {
    func message(_ packed: ArraySlice<UInt8>, limit: Int, keepsContext: Bool) throws(Failure) -> [UInt8] {
        try message(Array(packed), limit: limit, keepsContext: keepsContext)
    }
}
