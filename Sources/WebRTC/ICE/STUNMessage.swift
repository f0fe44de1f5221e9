import CWebRTC
import CZlib
package import NIOCore

/// A STUN message (RFC 8489) that was received: its type, and the attributes that connectivity checks have (RFC 8445).
///
/// | offset | size | meaning |
/// | --- | --- | --- |
/// | 0 | 2 | type; the two highest bits are 0 |
/// | 2 | 2 | length of what follows the header, a multiple of 4 |
/// | 4 | 4 | the cookie 0x2112A442 |
/// | 8 | 12 | transaction id |
/// | 20 | | attributes: type (2), length (2), value, padding to a multiple of 4 |
package struct STUNMessage: Sendable {
    /// Why bytes are not a message.
    package enum Malformation: Error, Sendable {
        /// Header, length or an attribute's length are wrong.
        case form
        /// The checksum in FINGERPRINT is wrong.
        case fingerprint
    }

    static let headerBytes = 20
    static let cookie: UInt32 = 0x2112_A442

    /// The types of messages that the server knows.
    package enum Kind {
        /// Asks for an answer.
        package static let bindingRequest: UInt16 = 0x0001
        /// The answer, with the address from which the request came.
        package static let bindingSuccess: UInt16 = 0x0101
        /// A refusal.
        package static let bindingError: UInt16 = 0x0111
    }

    /// The types of attributes; those from 0x8000 on may be passed over by those who don't know them.
    enum Attribute {
        static let username: UInt16 = 0x0006
        static let integrity: UInt16 = 0x0008
        static let errorCode: UInt16 = 0x0009
        static let unknownAttributes: UInt16 = 0x000A
        static let xorMappedAddress: UInt16 = 0x0020
        static let priority: UInt16 = 0x0024
        static let useCandidate: UInt16 = 0x0025
        static let fingerprint: UInt16 = 0x8028
        static let iceControlled: UInt16 = 0x8029
        static let iceControlling: UInt16 = 0x802A
        static let firstOptional: UInt16 = 0x8000
    }

    /// What FINGERPRINT's checksum is combined with, so that it differs from that of other protocols.
    static let fingerprintMask: UInt32 = 0x5354_554E

    /// All bytes.
    let bytes: ByteBuffer
    /// The type of the message.
    package private(set) var kind: UInt16 = 0
    /// The bytes of USERNAME.
    package private(set) var username: ByteBuffer?
    /// Whether the client nominates the pair of addresses.
    package private(set) var nominates = false
    /// Whether the client wants to be the controlled agent, which the server is.
    package private(set) var isControlled = false
    /// The attributes that the server does not know and must not pass over.
    package private(set) var unknownAttributes: [UInt16] = []
    /// The value of XOR-MAPPED-ADDRESS.
    package private(set) var mappedAddress: ByteBuffer?
    /// Where MESSAGE-INTEGRITY begins.
    private var integrityOffset: Int?

    /// Whether the message has MESSAGE-INTEGRITY.
    package var hasIntegrity: Bool { integrityOffset != nil }

    /// Reads a message.
    ///
    /// - Parameter datagram: The whole datagram.
    /// - Throws: ``Malformation`` when it is not one message.
    package init(_ datagram: ByteBuffer) throws(Malformation) {
        bytes = datagram.slice()
        guard let kind = bytes.getInteger(at: 0, as: UInt16.self), kind < 0x4000,
            let length = bytes.getInteger(at: 2, as: UInt16.self), length % 4 == 0,
            bytes.readableBytes == Self.headerBytes + Int(length),
            bytes.getInteger(at: 4, as: UInt32.self) == Self.cookie
        else { throw .form }
        self.kind = kind
        var offset = Self.headerBytes
        while offset < bytes.readableBytes { offset = try readAttribute(at: offset) }
    }

    /// Reads an attribute, and returns where the next one begins.
    private mutating func readAttribute(at offset: Int) throws(Malformation) -> Int {
        guard let type = bytes.getInteger(at: offset, as: UInt16.self),
            let length = bytes.getInteger(at: offset + 2, as: UInt16.self),
            let value = bytes.getSlice(at: offset + 4, length: Int(length))
        else { throw .form }
        let next = offset + 4 + (Int(length) + 3) & ~3
        if type == Attribute.fingerprint {
            try checkFingerprint(value, at: offset)
            // Nothing may follow it (RFC 8489, section 14.7).
            guard next == bytes.readableBytes else { throw .form }
        } else if integrityOffset == nil {
            // What follows MESSAGE-INTEGRITY is not protected by it, and is passed over (section 14.5).
            try take(type, value, at: offset)
        }
        return next
    }

    private mutating func take(_ type: UInt16, _ value: ByteBuffer, at offset: Int) throws(Malformation) {
        switch type {
        // If there are several of one type, the first one counts (section 14).
        case Attribute.username: if username == nil { username = value }
        case Attribute.integrity:
            guard value.readableBytes == 20 else { throw .form }
            integrityOffset = offset
        case Attribute.xorMappedAddress: if mappedAddress == nil { mappedAddress = value }
        case Attribute.useCandidate: nominates = true
        case Attribute.iceControlled: isControlled = true
        case Attribute.priority, Attribute.errorCode, Attribute.firstOptional...: break
        default: unknownAttributes.append(type)
        }
    }

    private func checkFingerprint(_ value: ByteBuffer, at offset: Int) throws(Malformation) {
        guard value.readableBytes == 4, let sum = value.getInteger(at: 0, as: UInt32.self) else { throw .form }
        guard sum == Self.fingerprint(of: bytes, count: offset) else { throw .fingerprint }
    }

    /// The value of FINGERPRINT.
    ///
    /// - Parameters:
    ///   - bytes: A message whose length is set as it will be with FINGERPRINT.
    ///   - count: How many of its bytes come before FINGERPRINT.
    /// - Returns: The value.
    static func fingerprint(of bytes: ByteBuffer, count: Int) -> UInt32 {
        let sum = bytes.withUnsafeReadableBytes { all in
            let part = UnsafeRawBufferPointer(rebasing: all.prefix(count)).bindMemory(to: UInt8.self)
            return crc32(0, part.baseAddress, UInt32(part.count))
        }
        return UInt32(truncatingIfNeeded: sum) ^ fingerprintMask
    }

    /// The transaction id; 12 bytes.
    var transactionID: ByteBuffer { bytes.getSlice(at: 8, length: 12) ?? ByteBuffer() }

    /// Whether MESSAGE-INTEGRITY is there, and was made with a password.
    ///
    /// - Parameter password: The password of short-term credentials.
    /// - Returns: Whether the message comes from someone who knows it.
    package func isAuthentic(password: String) -> Bool {
        guard let integrityOffset, let given = bytes.getSlice(at: integrityOffset + 4, length: 20),
            var protected = bytes.getSlice(at: 0, length: integrityOffset)
        else { return false }
        protected.setInteger(UInt16(integrityOffset - Self.headerBytes + 24), at: 2)
        let expected = Self.integrity(of: protected, password: password)
        // Compares all bytes always, so that the time tells nothing.
        return zip(given.readableBytesView, expected).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// The value of MESSAGE-INTEGRITY: HMAC-SHA1 of bytes whose length is set as it is with MESSAGE-INTEGRITY.
    static func integrity(of bytes: ByteBuffer, password: String) -> [UInt8] {
        var key = Array(password.utf8)
        return [UInt8](unsafeUninitializedCapacity: 20) { digest, count in
            bytes.withUnsafeReadableBytes { all in
                let all = all.bindMemory(to: UInt8.self)
                rtc_hmac_sha1(&key, key.count, all.baseAddress, all.count, digest.baseAddress)
            }
            count = 20
        }
    }
}
