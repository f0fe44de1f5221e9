import Simulation
import Wire
import World

/// The hash of what one step of a map did: its log lines in order, then what sockets got, then the messages in order,
/// then the next number of the world's random generator and the number of entities.
struct StepDigest {
    private var hash = TapeHash()
    /// The most payloads whose hashes are kept in `recent`, because one message goes to many sessions.
    private static let maxRecent = 8
    private var recent: [(start: UnsafeRawPointer, count: Int, hash: TapeHash)] = []

    mutating func note(_ lines: [String], isError: Bool) {
        hash.combine(isError ? 1 : 2)
        for line in lines { hash.combine(line) }
    }

    /// Notes what sockets got; call it when the step has ended otherwise.
    mutating func note(_ deliveries: [SocketDelivery]) {
        var packets = PacketHashes()
        for delivery in deliveries {
            hash.combine(delivery.sink.id)
            for output in delivery.outputs {
                if case .packets(let run) = output {
                    hash.combine(packets.hash(of: run))
                } else {
                    hash.combine(output.bytes.withUnsafeBytes { TapeHash.of($0) })
                }
            }
        }
    }

    /// Ends the step, and returns its hash.
    mutating func finish(_ deliveries: [MapSimulation.Delivery], _ world: World) -> TapeHash {
        for delivery in deliveries {
            hash.combine(delivery.sink.id)
            hash.combine(delivery.message.kind.code)
            hash.combine(payloadHash(delivery.message))
        }
        recent.removeAll(keepingCapacity: true)
        // The state of the random generator shows that two runs differ long before a client could see a difference.
        var random = world.random
        hash.combine(random.next())
        hash.combine(UInt64(world.count))
        defer { hash = TapeHash() }
        return hash
    }

    private mutating func payloadHash(_ message: OutboundMessage) -> TapeHash {
        // A message with a tail is put together for this call only, so its address does not identify it.
        guard message.plain.tail == nil else { return message.withPayload { TapeHash.of($0) } }
        return message.withPayload { bytes in
            guard let start = bytes.baseAddress else { return TapeHash.of(bytes) }
            // All messages of the step are alive, so equal addresses mean equal bytes.
            if let index = recent.firstIndex(where: { $0.start == start && $0.count == bytes.count }) {
                if index > 0 { recent.swapAt(index, 0) }
                return recent[0].hash
            }
            let hash = TapeHash.of(bytes)
            if recent.count == Self.maxRecent { recent.removeLast() }
            recent.append((start, bytes.count, hash))
            return hash
        }
    }
}

/// The hashes of what the sockets of one step got: a packet is read once, however many of them get it.
private struct PacketHashes {
    /// All batches of the step are alive, so equal identities mean equal bytes.
    private var known: [PacketRun.ID: TapeHash] = [:]

    mutating func hash(of run: PacketRun) -> TapeHash {
        guard run.packets.count > 1 else { return hashOfOne(run) }
        if let hash = known[run.id] { return hash }
        var hash = TapeHash()
        for packet in run.single { hash.combine(hashOfOne(packet)) }
        known[run.id] = hash
        return hash
    }

    private mutating func hashOfOne(_ packet: PacketRun) -> TapeHash {
        if let hash = known[packet.id] { return hash }
        let hash = SocketOutput.packets(packet).bytes.withUnsafeBytes { TapeHash.of($0) }
        known[packet.id] = hash
        return hash
    }
}

extension OutboundMessage.Kind {
    /// A number for each kind.
    var code: UInt64 {
        switch self {
        case .snapshot: 1
        case .delta: 2
        case .direct, .notice: 3
        case .error: 4
        case .replaced: 5
        case .refused: 6
        case .kicked: 7
        // Never part of a step: the map has stopped.
        case .paused: 8
        case .positions: 9
        case .reconnect(let mapID): 1 << 32 | UInt64(UInt32(truncatingIfNeeded: mapID))
        }
    }
}
