import NIOCore
import Wire

/// A packet that a client may have missed.
struct KeptPacket: Sendable {
    enum Content: Sendable {
        /// A whole packet, which other clients got too.
        case shared(OutboundMessage)
        /// A packet with attachments.
        case own(SocketPacket)
    }

    let content: Content
    let mark: PacketMark
    /// When it was sent.
    let time: NIODeadline
}

/// The latest packets of one socket, in order. It forgets the oldest ones to keep to its limits.
///
/// Its functions return by how much the bytes grew that all sockets keep together.
struct KeptPackets {
    /// The packets from `start` on.
    private var packets: [KeptPacket?] = []
    private var start = 0
    /// The offset of the latest packet that was forgotten; `nil` when none was.
    private var forgotten: String?
    /// The sum of the packets' bytes; some may be shared with other sockets.
    private(set) var bytes = 0

    /// How many packets there are.
    var count: Int { packets.count - start }

    mutating func append(_ packet: KeptPacket) -> Int {
        packets.append(packet)
        bytes += packet.mark.size
        return packet.mark.hold()
    }

    /// Forgets the oldest packets.
    ///
    /// - Parameters:
    ///   - limits: How many packets and bytes may stay.
    ///   - horizon: The packets that were sent before are forgotten.
    /// - Returns: By how much the kept bytes grew; 0 or less.
    /// - Complexity: O(forgotten packets), on average.
    mutating func trim(to limits: RecoveryStore.Limits, horizon: NIODeadline) -> Int {
        var growth = 0
        while start < packets.count, let oldest = packets[start],
            count > limits.packetsPerSocket || bytes > limits.bytesPerSocket || oldest.time < horizon
        {
            growth -= forget(oldest)
        }
        if start > 32, start > packets.count / 2 {
            packets.removeFirst(start)
            start = 0
        }
        return growth
    }

    /// Forgets all packets.
    mutating func removeAll() -> Int {
        var growth = 0
        while start < packets.count, let oldest = packets[start] { growth -= forget(oldest) }
        packets = []
        start = 0
        return growth
    }

    /// Forgets the oldest packet, and returns how many bytes that frees.
    private mutating func forget(_ oldest: KeptPacket) -> Int {
        forgotten = oldest.mark.offset
        packets[start] = nil
        start += 1
        bytes -= oldest.mark.size
        return oldest.mark.release()
    }

    /// The packets that a client has missed.
    ///
    /// - Parameter offset: The latest packet that the client has received; `nil` when it has received none.
    /// - Returns: The packets after that one; `nil` when one of them is forgotten.
    /// - Complexity: O(packets).
    func missed(after offset: String?) -> [KeptPacket]? {
        if offset == forgotten { return packets[start...].compactMap(\.self) }
        guard let offset, let last = packets.lastIndex(where: { $0?.mark.offset == offset }) else { return nil }
        return packets[(last + 1)...].compactMap(\.self)
    }
}
