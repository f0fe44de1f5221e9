/// Makes masked client frames (RFC 6455) in one reused buffer.
///
/// The masking keys come from xorshift32. That is enough here: masking protects proxies from scripts in browsers, and
/// this client talks to loopback only.
package struct FrameWriter {
    private var state: UInt32
    /// The latest frame.
    package private(set) var bytes: [UInt8] = []

    /// Makes a writer.
    ///
    /// - Parameter seed: The seed of the masking keys; 0 is replaced, because xorshift would only return 0.
    package init(seed: UInt32) { state = seed == 0 ? 0x9E37_79B9 : seed }

    /// Makes one unfragmented frame; it is in ``bytes`` afterwards.
    ///
    /// - Parameters:
    ///   - kind: The type of the frame.
    ///   - payload: Up to 65,535 bytes; this client sends no longer messages.
    package mutating func write(_ kind: FrameReader.Kind, _ payload: UnsafeRawBufferPointer) {
        precondition(payload.count <= 0xFFFF, "a client frame holds at most 65535 bytes")
        bytes.removeAll(keepingCapacity: true)
        bytes.append(0x80 | kind.rawValue)
        if payload.count < 126 {
            bytes.append(0x80 | UInt8(payload.count))
        } else {
            bytes.append(0x80 | 126)
            bytes.append(UInt8(payload.count >> 8))
            bytes.append(UInt8(payload.count & 0xFF))
        }
        let key = nextKey()
        for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: key >> shift)) }
        for (index, byte) in payload.enumerated() {
            bytes.append(byte ^ UInt8(truncatingIfNeeded: key >> UInt32(24 - 8 * (index & 3))))
        }
    }

    /// Makes a text frame with a command: `{"action":ACTION,"command_id":ID}`.
    ///
    /// - Parameters:
    ///   - action: `GROUP/EVENT`, without characters that JSON escapes.
    ///   - commandID: The sender's clock in milliseconds since 1970.
    package mutating func writeCommand(_ action: String, commandID: Int) {
        write("{\"action\":\"\(action)\",\"command_id\":\(commandID)}")
    }

    /// Makes a text frame with a command as an event of Socket.IO: `42[ACTION,{"command_id":ID}]`.
    ///
    /// - Parameters:
    ///   - action: `GROUP/EVENT`, without characters that JSON escapes.
    ///   - commandID: The sender's clock in milliseconds since 1970.
    package mutating func writeEvent(_ action: String, commandID: Int) {
        write("42[\"\(action)\",{\"command_id\":\(commandID)}]")
    }

    /// Makes a text frame.
    ///
    /// - Parameter text: Up to 65,535 bytes.
    package mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { write(.text, UnsafeRawBufferPointer($0)) }
    }

    private mutating func nextKey() -> UInt32 {
        state ^= state << 13
        state ^= state >> 17
        state ^= state << 5
        return state
    }
}
