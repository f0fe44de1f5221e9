import NIOCore
import Wire

/// The packets that wait for a client of polling, in their order.
struct EngineQueue {
    private var packets = CircularBuffer<EngineOutput>(initialCapacity: 0)
    /// How many bytes wait.
    private(set) var bytes = 0
    /// The bytes that only this client receives.
    private(set) var ownBytes = 0
    /// The parts that others receive, too, and in how many waiting packets they are.
    private var shares: [ObjectIdentifier: (bytes: SharedBytes, count: Int)] = [:]

    /// Whether nothing waits.
    var isEmpty: Bool { packets.isEmpty }

    /// The parts that others receive, too; each once.
    var shared: [SharedBytes] { shares.values.map(\.bytes) }

    /// Appends a packet.
    mutating func append(_ packet: EngineOutput) {
        packets.append(packet)
        count(packet, 1)
    }

    /// Puts a packet before all others.
    mutating func prepend(_ packet: EngineOutput) {
        packets.prepend(packet)
        count(packet, 1)
    }

    /// Takes all packets.
    mutating func takeAll() -> [EngineOutput] {
        let all = Array(packets)
        removeAll()
        return all
    }

    /// Takes the packets of one answer.
    ///
    /// - Parameters:
    ///   - most: The most packets.
    ///   - limit: The most bytes; a longer packet is taken alone.
    /// - Returns: The first packets; empty when nothing waits.
    mutating func take(most: Int, bytes limit: Int) -> [EngineOutput] {
        var taken: [EngineOutput] = []
        var size = 0
        while taken.count < most, let next = packets.first, taken.isEmpty || size + next.size <= limit {
            packets.removeFirst()
            count(next, -1)
            size += next.size
            taken.append(next)
        }
        if packets.isEmpty { removeAll() }
        return taken
    }

    /// Drops all packets, and the memory for them.
    mutating func removeAll() { self = EngineQueue() }

    private mutating func count(_ packet: EngineOutput, _ sign: Int) {
        let size = packet.size
        bytes += sign * size
        guard let part = packet.sharedPart else { return ownBytes += sign * size }
        ownBytes += sign * (size - part.size)
        let id = ObjectIdentifier(part.bytes)
        let count = (shares[id]?.count ?? 0) + sign
        shares[id] = count > 0 ? (part.bytes, count) : nil
    }
}
