/// Builds frames as WebSocket clients send them.
package enum ClientFrame {
    /// A masked frame.
    ///
    /// - Parameters:
    ///   - opcode: The frame's opcode (RFC 6455, section 5.2).
    ///   - payload: The payload before masking.
    ///   - isFinal: Whether the frame ends its message.
    /// - Returns: The frame's header and masked payload.
    package static func make(_ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true) -> [UInt8] {
        var bytes: [UInt8] = [(isFinal ? 0x80 : 0) | opcode]
        switch payload.count {
        case ...125: bytes.append(0x80 | UInt8(payload.count))
        case ...0xFFFF: bytes += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default:
            bytes.append(0x80 | 127)
            for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(payload.count >> shift & 255)) }
        }
        let mask: [UInt8] = [0x12, 0x34, 0x56, 0x78]
        return bytes + mask + payload.enumerated().map { $1 ^ mask[$0 & 3] }
    }
}
