package import NIOCore

/// Writes the answers to Binding requests (RFC 8489).
package enum STUNAnswer {
    /// Says which address a request came from.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - address: Its source.
    ///   - password: Protects the answer with MESSAGE-INTEGRITY; `nil` for none.
    /// - Returns: The datagram.
    package static func success(
        to request: STUNMessage, from address: PeerAddress, password: String?
    ) -> ByteBuffer {
        var answer = begin(STUNMessage.Kind.bindingSuccess, request)
        writeMappedAddress(address, into: &answer)
        if let password { writeIntegrity(password, into: &answer) }
        // A plain client may not expect FINGERPRINT, and its answer should be small.
        if password != nil { writeFingerprint(into: &answer) }
        return finished(answer)
    }

    /// Refuses a request.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - code: The error code, from 300 to 699.
    ///   - password: Protects the answer; `nil` when the client did not prove that it knows the password.
    /// - Returns: The datagram. It is not longer than the request, which therefore must have an attribute.
    static func error(to request: STUNMessage, code: Int, password: String? = nil) -> ByteBuffer {
        var answer = begin(STUNMessage.Kind.bindingError, request)
        answer.writeInteger(STUNMessage.Attribute.errorCode)
        answer.writeInteger(UInt16(4))
        answer.writeInteger(UInt32(code / 100 << 8 | code % 100))
        if code == 420 { writeUnknown(request.unknownAttributes, into: &answer) }
        if let password { writeIntegrity(password, into: &answer) }
        if request.bytes.readableBytes >= answer.readableBytes + 8 { writeFingerprint(into: &answer) }
        return finished(answer)
    }

    private static func begin(_ kind: UInt16, _ request: STUNMessage) -> ByteBuffer {
        var answer = ByteBufferAllocator().buffer(capacity: 128)
        answer.writeInteger(kind)
        answer.writeInteger(UInt16(0))
        answer.writeInteger(STUNMessage.cookie)
        answer.writeImmutableBuffer(request.transactionID)
        return answer
    }

    /// Sets the length in the header.
    ///
    /// - Parameters:
    ///   - answer: The message so far.
    ///   - further: How many bytes an attribute that is about to be written will have.
    private static func setLength(_ answer: inout ByteBuffer, further: Int = 0) {
        answer.setInteger(UInt16(answer.readableBytes - STUNMessage.headerBytes + further), at: 2)
    }

    /// The message with its length in the header.
    static func finished(_ answer: ByteBuffer) -> ByteBuffer {
        var answer = answer
        setLength(&answer)
        return answer
    }

    /// Writes XOR-MAPPED-ADDRESS: 0 (1), family (1), port (2), address (4 or 16); port and address are combined with
    /// the cookie, which for IPv6 the transaction id follows.
    private static func writeMappedAddress(_ address: PeerAddress, into answer: inout ByteBuffer) {
        let cookie = STUNMessage.cookie
        answer.writeInteger(STUNMessage.Attribute.xorMappedAddress)
        answer.writeInteger(UInt16(address.ipv4 == nil ? 20 : 8))
        answer.writeInteger(UInt16(address.ipv4 == nil ? 2 : 1))
        answer.writeInteger(address.port ^ UInt16(cookie >> 16))
        if let ipv4 = address.ipv4 { return _ = answer.writeInteger(ipv4 ^ cookie) }
        let mask = (
            answer.getInteger(at: 4, as: UInt64.self) ?? 0, answer.getInteger(at: 12, as: UInt64.self) ?? 0
        )
        answer.writeInteger(address.ipv6.high ^ mask.0)
        answer.writeInteger(address.ipv6.low ^ mask.1)
    }

    private static func writeUnknown(_ types: [UInt16], into answer: inout ByteBuffer) {
        answer.writeInteger(STUNMessage.Attribute.unknownAttributes)
        answer.writeInteger(UInt16(2 * types.count))
        for type in types { answer.writeInteger(type) }
        if types.count % 2 == 1 { answer.writeInteger(UInt16(0)) }
    }

    /// Writes MESSAGE-INTEGRITY.
    static func writeIntegrity(_ password: String, into answer: inout ByteBuffer) {
        setLength(&answer, further: 24)
        let integrity = STUNMessage.integrity(of: answer, password: password)
        answer.writeInteger(STUNMessage.Attribute.integrity)
        answer.writeInteger(UInt16(20))
        answer.writeBytes(integrity)
    }

    /// Writes FINGERPRINT, the last attribute.
    static func writeFingerprint(into answer: inout ByteBuffer) {
        setLength(&answer, further: 8)
        let fingerprint = STUNMessage.fingerprint(of: answer, count: answer.readableBytes)
        answer.writeInteger(STUNMessage.Attribute.fingerprint)
        answer.writeInteger(UInt16(4))
        answer.writeInteger(fingerprint)
    }
}
