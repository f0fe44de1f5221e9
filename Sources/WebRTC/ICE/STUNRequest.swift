import NIOCore

/// Writes the check by which one end asks the other one whether it can be reached at an address (RFC 8445, section
/// 7.2.2).
enum STUNRequest {
    /// Which agent sends the check.
    enum Role {
        /// The server.
        case controlled
        /// The client, which nominates the pair of addresses with each check.
        case controlling
    }

    /// A check.
    ///
    /// - Parameters:
    ///   - username: The fragments of both ends: that of the receiver, a colon, that of the sender.
    ///   - password: The receiver's password.
    ///   - role: Which agent sends it.
    ///   - generator: The source of the transaction id.
    /// - Returns: The datagram.
    static func check(
        username: String, password: String, role: Role = .controlled, using generator: inout some RandomNumberGenerator
    ) -> ByteBuffer {
        var request = ByteBufferAllocator().buffer(capacity: 128)
        request.writeMultipleIntegers(
            STUNMessage.Kind.bindingRequest, UInt16(0), STUNMessage.cookie,
            UInt64.random(in: 0...UInt64.max, using: &generator), UInt32.random(in: 0...UInt32.max, using: &generator))
        request.writeMultipleIntegers(STUNMessage.Attribute.username, UInt16(username.utf8.count))
        request.writeString(username)
        request.writeRepeatingByte(0, count: -username.utf8.count & 3)
        // The priority of a candidate that the receiver does not know, and any number to decide about roles with.
        request.writeMultipleIntegers(STUNMessage.Attribute.priority, UInt16(4), UInt32(110 << 24 | 65_535 << 8 | 255))
        switch role {
        case .controlled:
            request.writeMultipleIntegers(STUNMessage.Attribute.iceControlled, UInt16(8), UInt64(1))
        case .controlling:
            request.writeMultipleIntegers(STUNMessage.Attribute.iceControlling, UInt16(8), UInt64(1))
            request.writeMultipleIntegers(STUNMessage.Attribute.useCandidate, UInt16(0))
        }
        STUNAnswer.writeIntegrity(password, into: &request)
        STUNAnswer.writeFingerprint(into: &request)
        return STUNAnswer.finished(request)
    }
}
