import NIOCore

/// Writes the check by which the server asks a client whether it can be reached at an address (RFC 8445, section
/// 7.2.2).
enum STUNRequest {
    /// A check of the controlled agent, which the server is.
    ///
    /// - Parameters:
    ///   - username: The fragments of both ends: that of the client, a colon, that of the server.
    ///   - password: The client's password.
    ///   - generator: The source of the transaction id.
    /// - Returns: The datagram.
    static func check(
        username: String, password: String, using generator: inout some RandomNumberGenerator
    ) -> ByteBuffer {
        var request = ByteBufferAllocator().buffer(capacity: 128)
        request.writeMultipleIntegers(
            STUNMessage.Kind.bindingRequest, UInt16(0), STUNMessage.cookie,
            UInt64.random(in: 0...UInt64.max, using: &generator), UInt32.random(in: 0...UInt32.max, using: &generator))
        request.writeMultipleIntegers(STUNMessage.Attribute.username, UInt16(username.utf8.count))
        request.writeString(username)
        request.writeRepeatingByte(0, count: -username.utf8.count & 3)
        // The priority of a candidate that the client does not know, and any number to decide about roles with.
        request.writeMultipleIntegers(STUNMessage.Attribute.priority, UInt16(4), UInt32(110 << 24 | 65_535 << 8 | 255))
        request.writeMultipleIntegers(STUNMessage.Attribute.iceControlled, UInt16(8), UInt64(1))
        STUNAnswer.writeIntegrity(password, into: &request)
        STUNAnswer.writeFingerprint(into: &request)
        return STUNAnswer.finished(request)
    }
}
