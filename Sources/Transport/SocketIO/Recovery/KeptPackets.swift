import NIOCore
import Wire

/// A packet that a client may have missed. It is small, because each socket that was sent the packet has one.
struct KeptPacket: Sendable {
    let mark: PacketMark
    /// When it was sent.
    let time: NIODeadline
}

/// The latest packets of one socket, in order. It forgets the oldest ones to keep to its limits.
///
/// Its functions return by how much the bytes grew that all sockets keep together: those of packets that no other
/// socket keeps, and those of the list itself.
struct KeptPackets {
    private var packets = CircularBuffer<KeptPacket>(initialCapacity: 0)
    /// The offset of the latest packet that was forgotten; `nil` when none was.
    private var forgotten: String?
    /// The sum of the packets' bytes; some may be shared with other sockets.
    private(set) var bytes = 0

    /// How many packets there are.
    var count: Int { packets.count }

    /// The bytes of the list, with its free places.
    private var listBytes: Int { packets.capacity * MemoryLayout<KeptPacket?>.stride }

    /// Adds a packet.
    mutating func append(_ packet: KeptPacket) -> Int {
        let before = listBytes
        packets.append(packet)
        bytes += packet.mark.size
        return packet.mark.hold() + listBytes - before
    }

    /// Forgets the oldest packets.
    ///
    /// - Parameters:
    ///   - limits: How many packets and bytes may stay.
    ///   - horizon: The packets that were sent before are forgotten.
    /// - Returns: By how much the kept bytes grew; 0 or less.
    /// - Complexity: O(forgotten packets), on average.
    mutating func trim(to limits: RecoveryStore.Limits, horizon: NIODeadline) -> Int {
        let before = listBytes
        var growth = 0
        while let oldest = packets.first,
            count > limits.packetsPerSocket || bytes > limits.bytesPerSocket || oldest.time < horizon
        {
            growth -= forget(oldest)
        }
        // Not before most places are free, so that a list which goes on growing is seldom copied.
        if packets.capacity > 4 * max(count, 8) { packets = CircularBuffer(packets) }
        return growth + listBytes - before
    }

    /// Forgets all packets.
    mutating func removeAll() -> Int {
        var growth = -listBytes
        while let oldest = packets.first { growth -= forget(oldest) }
        packets = CircularBuffer(initialCapacity: 0)
        return growth + listBytes
    }

    /// Forgets the oldest packet, and returns how many bytes that frees.
    private mutating func forget(_ oldest: KeptPacket) -> Int {
        packets.removeFirst()
        forgotten = oldest.mark.offset
        bytes -= oldest.mark.size
        return oldest.mark.release()
    }

    /// The packets that a client has missed.
    ///
    /// - Parameter offset: The latest packet that the client has received; `nil` when it has received none.
    /// - Returns: The packets after that one; `nil` when one of them is forgotten.
    /// - Complexity: O(packets).
    func missed(after offset: String?) -> [PacketMark]? {
        if offset == forgotten { return packets.map(\.mark) }
        guard let offset, let last = packets.lastIndex(where: { $0.mark.offset == offset }) else { return nil }
        return packets[packets.index(after: last)...].map(\.mark)
    }
}
