import NIOCore

@testable import WebRTC

/// A connectivity check as a client sends it, or a STUN request with less in it.
struct ClientCheck {
    var kind = STUNMessage.Kind.bindingRequest
    var username: String?
    var password: String?
    var nominates = false
    var isControlled = false
    var unknown: [UInt16] = []
    var hasFingerprint = true
    var transaction: UInt64 = 1

    /// The request without credentials.
    static var plain: ClientCheck { ClientCheck(hasFingerprint: false) }

    var datagram: ByteBuffer {
        var message = ByteBuffer()
        message.writeMultipleIntegers(kind, UInt16(0), STUNMessage.cookie, UInt32(0), transaction)
        func write(_ type: UInt16, _ value: ByteBuffer = ByteBuffer()) {
            message.writeMultipleIntegers(type, UInt16(value.readableBytes))
            message.writeImmutableBuffer(value)
            message.writeRepeatingByte(0, count: -value.readableBytes & 3)
        }
        func setLength(further: Int) { message.setInteger(UInt16(message.readableBytes - 20 + further), at: 2) }
        if let username { write(STUNMessage.Attribute.username, ByteBuffer(string: username)) }
        if nominates { write(STUNMessage.Attribute.useCandidate) }
        if isControlled { write(STUNMessage.Attribute.iceControlled, ByteBuffer(integer: UInt64(7))) }
        for type in unknown { write(type) }
        if let password {
            setLength(further: 24)
            write(
                STUNMessage.Attribute.integrity,
                ByteBuffer(bytes: STUNMessage.integrity(of: message, password: password)))
        }
        if hasFingerprint {
            setLength(further: 8)
            let fingerprint = STUNMessage.fingerprint(of: message, count: message.readableBytes)
            write(STUNMessage.Attribute.fingerprint, ByteBuffer(integer: fingerprint))
        }
        setLength(further: 0)
        return message
    }
}
