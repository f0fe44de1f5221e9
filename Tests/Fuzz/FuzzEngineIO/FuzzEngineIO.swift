import FuzzDriver
import NIOCore
import Transport

/// libFuzzer over the readers of Engine.IO's packets and payloads. Any bytes are read or refused; a payload is read as
/// its packets would be, each alone; and what was read is bounded by the number of bytes.
@main struct FuzzEngineIO {
    static func main() {
        runFuzzer { bytes, length in
            FuzzEngineIO.check(Array(UnsafeBufferPointer(start: bytes, count: length)))
            return 0
        }
    }

    private static func check(_ bytes: [UInt8]) {
        _ = try? EnginePacket(text: bytes)
        let parts = bytes.split(separator: 0x1E, omittingEmptySubsequences: false)
        var payload = EnginePayload(ByteBuffer(bytes: bytes))
        var size = 0
        for (number, part) in parts.enumerated() {
            guard let packet = next(&payload) else {
                if read(Array(part)) != nil { fail("packet \(number) can be read alone, but not in its payload") }
                if next(&payload) != nil { fail("a packet after a broken one was read") }
                return
            }
            if read(Array(part)) != packet { fail("packet \(number) is another one in its payload: \(packet)") }
            if case .message(let message, let isText) = packet {
                size += message.count
                checkAgain(message, isText: isText)
            }
        }
        if next(&payload) != nil { fail("there were \(parts.count) packets, and another one was read") }
        if size > bytes.count { fail("\(size) bytes were read from \(bytes.count)") }
    }

    /// The packet of a payload that has only one; `nil` when it can't be read.
    private static func read(_ bytes: [UInt8]) -> EnginePacket? {
        var payload = EnginePayload(ByteBuffer(bytes: bytes))
        return next(&payload)
    }

    private static func next(_ payload: inout EnginePayload) -> EnginePacket? {
        do {
            return try payload.next()
        } catch {
            return nil
        }
    }

    /// Fails unless a message comes back when it is written and read.
    private static func checkAgain(_ message: [UInt8], isText: Bool) {
        var written = ByteBuffer()
        written.writeInteger(UInt8(ascii: isText ? "4" : "b"))
        if isText { written.writeBytes(message) } else { written.writeBase64(message) }
        if read(Array(written.readableBytesView)) != .message(message, isText: isText) {
            fail("another message when it is written and read again: \(message)")
        }
    }
}
