import NIOCore

/// What a message of SCTP is, by its payload protocol identifier (RFC 8831, section 8).
enum PayloadProtocol: UInt32 {
    case establishment = 50
    case text = 51
    case binary = 53
    /// SCTP has no empty messages: these have one byte that means nothing.
    case emptyText = 56
    case emptyBinary = 57

    /// The form of a message to a client, and its bytes.
    ///
    /// - Parameters:
    ///   - message: The message.
    ///   - isText: Whether it is UTF-8 text.
    /// - Returns: The form, and bytes that SCTP can carry.
    static func form(of message: ByteBuffer, isText: Bool) -> (PayloadProtocol, ByteBuffer) {
        guard message.readableBytes == 0 else { return (isText ? .text : .binary, message) }
        return (isText ? .emptyText : .emptyBinary, ByteBuffer(bytes: [0]))
    }
}
