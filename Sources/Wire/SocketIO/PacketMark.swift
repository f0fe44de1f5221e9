import Synchronization

/// What makes a packet one that a client can miss and get again: its place in the order of packets, and a count of who
/// keeps it. Any thread may use it.
package final class PacketMark: Sendable {
    /// The packet's name among all packets of the server. It is the last argument of the event, and a client that comes
    /// back says the one of the last packet that it received.
    package let offset: String
    /// How many bytes the packet has.
    package let size: Int
    private let holders = Atomic<Int>(0)

    /// Makes a mark.
    ///
    /// - Parameters:
    ///   - offset: The packet's name; no other packet of the server has it.
    ///   - size: How many bytes the packet has.
    package init(offset: String, size: Int) {
        self.offset = offset
        self.size = size
    }

    /// Counts one more list that keeps the packet.
    ///
    /// - Returns: How many more bytes are kept: 0 for a packet that is kept already.
    package func hold() -> Int { holders.add(1, ordering: .relaxed).oldValue == 0 ? size : 0 }

    /// Counts one list less.
    ///
    /// - Returns: How many fewer bytes are kept.
    package func release() -> Int { holders.subtract(1, ordering: .relaxed).newValue == 0 ? size : 0 }
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
