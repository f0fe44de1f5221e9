package import NIOCore

/// The message by which a client opens a channel on a stream (Data Channel Establishment Protocol, RFC 8832).
///
/// | offset | size | meaning |
/// | --- | --- | --- |
/// | 0 | 1 | 3, which means DATA_CHANNEL_OPEN |
/// | 1 | 1 | type: 0 reliable, 1 limited retransmissions, 2 limited lifetime; 0x80 is added for unordered |
/// | 2 | 2 | priority |
/// | 4 | 4 | the limit, in retransmissions or in milliseconds |
/// | 8 | 2 | length of the label |
/// | 10 | 2 | length of the protocol |
/// | 12 | | label and protocol, UTF-8 |
package struct ChannelOpen: Sendable, Equatable {
    /// Why bytes do not open a channel.
    package enum Malformation: Error, Sendable, Equatable {
        /// The lengths are not those of the message.
        case form
        /// The type is not known.
        case type(UInt8)
        /// Label or protocol are not UTF-8, or longer than ``maxNameBytes``.
        case name
    }

    /// The most bytes of a label, and of a protocol.
    package static let maxNameBytes = 256

    /// The one byte of the answer, DATA_CHANNEL_ACK.
    static let acknowledgement: UInt8 = 2
    /// The first byte of the message.
    static let messageType: UInt8 = 3

    /// The channel's name.
    package var label: String
    /// The name of what is spoken on the channel; often empty.
    package var subprotocol: String
    /// How hard the messages are tried to be delivered.
    package var reliability: ChannelReliability
    /// Whether messages are delivered in their order.
    package var isOrdered: Bool
    /// The priority (RFC 8831, section 6.4), which the server does not use.
    package var priority: UInt16

    /// Describes a channel.
    ///
    /// - Parameters:
    ///   - label: Its name.
    ///   - subprotocol: The name of what is spoken on it.
    ///   - reliability: How hard messages are tried to be delivered.
    ///   - isOrdered: Whether messages are delivered in their order.
    ///   - priority: The priority.
    package init(
        label: String, subprotocol: String = "", reliability: ChannelReliability = .reliable, isOrdered: Bool = true,
        priority: UInt16 = 0
    ) {
        self.label = label
        self.subprotocol = subprotocol
        self.reliability = reliability
        self.isOrdered = isOrdered
        self.priority = priority
    }

    /// Reads a message.
    ///
    /// - Parameter message: The whole message.
    /// - Throws: ``Malformation``.
    package init(parsing message: ByteBuffer) throws(Malformation) {
        var message = message
        guard
            let (type, channelType, priority, limit, labelLength, protocolLength) = message.readMultipleIntegers(
                as: (UInt8, UInt8, UInt16, UInt32, UInt16, UInt16).self),
            type == Self.messageType, message.readableBytes == Int(labelLength) + Int(protocolLength)
        else { throw .form }
        switch channelType & 0x7F {
        case 0: reliability = .reliable
        case 1: reliability = .retransmits(limit)
        case 2: reliability = .lifetime(milliseconds: limit)
        default: throw .type(channelType)
        }
        isOrdered = channelType & 0x80 == 0
        self.priority = priority
        label = try Self.name(&message, Int(labelLength))
        subprotocol = try Self.name(&message, Int(protocolLength))
    }

    private static func name(_ message: inout ByteBuffer, _ length: Int) throws(Malformation) -> String {
        guard length <= maxNameBytes, let bytes = message.readSlice(length: length),
            let text = String(validating: bytes.readableBytesView, as: UTF8.self)
        else { throw .name }
        return text
    }

    /// The message.
    ///
    /// - Precondition: Label and protocol have at most ``maxNameBytes`` bytes.
    package var bytes: ByteBuffer {
        precondition(
            label.utf8.count <= Self.maxNameBytes && subprotocol.utf8.count <= Self.maxNameBytes,
            "label and protocol of a channel must have at most \(Self.maxNameBytes) bytes")
        let (type, limit): (UInt8, UInt32) =
            switch reliability {
            case .reliable: (0, 0)
            case .retransmits(let count): (1, count)
            case .lifetime(let milliseconds): (2, milliseconds)
            }
        var message = ByteBuffer()
        message.writeMultipleIntegers(
            Self.messageType, isOrdered ? type : type | 0x80, priority, limit, UInt16(label.utf8.count),
            UInt16(subprotocol.utf8.count))
        message.writeString(label)
        message.writeString(subprotocol)
        return message
    }
}
