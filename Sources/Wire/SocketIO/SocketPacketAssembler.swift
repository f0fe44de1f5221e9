/// Makes packets of a client's messages: a text, and the binary messages that it announces.
///
/// It holds at most one packet, whose size is bounded. After an error it must not be used again.
package struct SocketPacketAssembler {
    private let limits: SocketPacketLimits
    /// The packet whose attachments are still to come.
    private var incomplete: Incomplete?

    private struct Incomplete {
        var packet: SocketPacket
        /// How many attachments it will have.
        var count: Int
        var attachments: [[UInt8]] = []
        /// How many bytes of it have come.
        var bytes: Int
    }

    /// Makes an assembler.
    ///
    /// - Parameter limits: What packets may have.
    package init(limits: SocketPacketLimits) { self.limits = limits }

    /// Whether attachments of a packet are still to come.
    package var isWaiting: Bool { incomplete != nil }

    /// Takes a text.
    ///
    /// - Parameter text: The text, without the digit of the Engine.IO message.
    /// - Returns: The packet, if it is complete.
    /// - Throws: ``SocketPacketError``.
    /// - Complexity: O(bytes).
    package mutating func receive(text: [UInt8]) throws(SocketPacketError) -> SocketPacket? {
        guard incomplete == nil else { throw .textInsteadOfAttachment }
        let read = try SocketPacketReader.read(text, limits)
        guard read.attachments > 0 else { return read.packet }
        incomplete = Incomplete(packet: read.packet, count: read.attachments, bytes: text.count)
        return nil
    }

    /// Takes an attachment.
    ///
    /// - Parameter attachment: The bytes.
    /// - Returns: The packet, if this was the last of its attachments.
    /// - Throws: ``SocketPacketError``.
    package mutating func receive(attachment: [UInt8]) throws(SocketPacketError) -> SocketPacket? {
        guard var waiting = incomplete else { throw .unexpectedAttachment }
        incomplete = nil
        waiting.bytes += attachment.count
        guard waiting.bytes <= limits.maxBytes else { throw .tooLarge(limit: limits.maxBytes) }
        waiting.attachments.append(attachment)
        guard waiting.attachments.count == waiting.count else {
            incomplete = waiting
            return nil
        }
        switch waiting.packet.content {
        case .event(var event):
            event.arguments.attachments = waiting.attachments
            waiting.packet.content = .event(event)
        case .acknowledgement(let id, var arguments):
            arguments.attachments = waiting.attachments
            waiting.packet.content = .acknowledgement(id: id, arguments)
        case .connect, .disconnect, .connectError: break
        }
        return waiting.packet
    }
}
