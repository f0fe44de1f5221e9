import Synchronization

/// A packet that a client can miss and get again: its place in the order of packets, what it is, and a count of who
/// keeps it. Any thread may use it.
///
/// All sockets that are sent the packet keep the same mark, so it costs each of them a reference.
package final class PacketMark: Sendable {
    /// The packet, to send it again.
    package enum Content: Sendable {
        /// A whole packet, which other clients get, too.
        case shared(OutboundMessage)
        /// A packet with attachments, for one client.
        case own(SocketPacket)

        /// How many bytes the packet has.
        var size: Int {
            switch self {
            case .shared(let message): message.size
            case .own(let packet): packet.text.count + packet.attachments.reduce(0) { $0 + $1.count }
            }
        }
    }

    /// The packet's name among all packets of the server. It is the last argument of the event, and a client that comes
    /// back says the one of the last packet that it received.
    package let offset: String
    /// The packet.
    package let content: Content
    /// How many bytes the packet has.
    package let size: Int
    private let holders = Atomic<Int>(0)

    /// The bytes that a packet takes beside its own: the mark, and the buffers of a frame.
    package static let overhead = MemoryLayout<Content>.size + 192

    /// Makes a mark.
    ///
    /// - Parameters:
    ///   - offset: The packet's name; no other packet of the server has it.
    ///   - content: The packet.
    package init(offset: String, _ content: Content) {
        self.offset = offset
        self.content = content
        size = content.size
    }

    /// Counts one more list that keeps the packet.
    ///
    /// - Returns: How many more bytes are kept: 0 for a packet that is kept already.
    package func hold() -> Int { holders.add(1, ordering: .relaxed).oldValue == 0 ? size + Self.overhead : 0 }

    /// Counts one list less.
    ///
    /// - Returns: How many fewer bytes are kept.
    package func release() -> Int { holders.subtract(1, ordering: .relaxed).newValue == 0 ? size + Self.overhead : 0 }
}

/// Names packets in the order in which they are made. Any thread may use it.
package final class PacketOffsets: Sendable {
    private let prefix: String
    private let count = Atomic<UInt64>(0)

    /// Starts to count.
    ///
    /// - Parameter prefix: What the names begin with; no other maker of packets for the same sockets has it. With a
    ///   prefix that is always the same, the same packets have the same names in each run.
    package init(prefix: String) { self.prefix = prefix }

    /// A name that was not given before.
    package func next() -> String { prefix + String(count.add(1, ordering: .relaxed).newValue, radix: 36) }
}
