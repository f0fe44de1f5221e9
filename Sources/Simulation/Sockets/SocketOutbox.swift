import Wire

/// What a tick sends to the map's sockets, in order for each of them.
///
/// Packets are kept once, in a batch for each target; a socket has ranges of batches. So sockets that get the same
/// packets of a target in a row share all of their bytes, and one more packet for a socket costs no memory.
struct SocketOutbox {
    /// A part of what a socket gets.
    private enum Piece {
        case packets(batch: Int, Range<Int>)
        case output(SocketOutput)
    }

    /// The sockets that get the packets of a batch.
    private enum Audience: Hashable {
        case target(SocketTarget)
        /// The socket in a slot alone.
        case one(Int)
    }

    /// What each socket gets, by its slot.
    private var pieces: [[Piece]] = []
    /// The slots of the sockets that get something, in the order in which they first got it.
    private var touched: [Int] = []
    private var batches: [[OutboundMessage]] = []
    private var numbers: [Audience: Int] = [:]

    /// Whether nothing is sent.
    var isEmpty: Bool { touched.isEmpty }

    /// Adds a packet for some sockets.
    ///
    /// - Parameters:
    ///   - packet: The packet.
    ///   - target: Whom the script meant.
    ///   - receivers: Those that are meant now.
    ///   - sender: The slot of one of them that does not get it; `nil` for none.
    mutating func add(
        _ packet: OutboundMessage, for target: SocketTarget, to receivers: [SocketList.Member], except sender: Int?
    ) {
        let (batch, index) = append(packet, for: .target(target.withoutSender))
        for receiver in receivers where receiver.slot != sender { add(batch, index, to: receiver.slot) }
    }

    /// How many of some sockets would get a packet right behind another one of the same target, so that it takes no
    /// memory of its own for them.
    ///
    /// - Parameters:
    ///   - target: Whom the script means.
    ///   - receivers: Those that are meant now.
    ///   - sender: The slot of one of them that does not get it; `nil` for none.
    /// - Returns: Their number.
    func followers(of target: SocketTarget, among receivers: [SocketList.Member], except sender: Int?) -> Int {
        guard let batch = numbers[.target(target.withoutSender)] else { return 0 }
        let next = batches[batch].count
        return receivers.count { $0.slot != sender && follows(batch, next, in: $0.slot) }
    }

    /// Whether the socket in a slot would get a packet for it alone right behind another one.
    func hasFollower(for slot: Int) -> Bool {
        guard let batch = numbers[.one(slot)] else { return false }
        return follows(batch, batches[batch].count, in: slot)
    }

    /// Whether a packet of a batch follows the packet before it in what a socket gets.
    private func follows(_ batch: Int, _ index: Int, in slot: Int) -> Bool {
        guard slot < pieces.count, case .packets(batch, let range)? = pieces[slot].last else { return false }
        return range.upperBound == index
    }

    /// Adds a packet for the socket in a slot.
    mutating func add(_ packet: OutboundMessage, to slot: Int) {
        let (batch, index) = append(packet, for: .one(slot))
        add(batch, index, to: slot)
    }

    /// Adds anything but a packet for the socket in a slot.
    mutating func add(_ output: SocketOutput, to slot: Int) {
        touch(slot)
        pieces[slot].append(.output(output))
    }

    /// Takes back what the socket in a slot would get.
    mutating func removeAll(for slot: Int) {
        if slot < pieces.count { pieces[slot].removeAll() }
    }

    private mutating func append(_ packet: OutboundMessage, for audience: Audience) -> (batch: Int, index: Int) {
        let batch = numbers[audience] ?? batches.count
        if batch == batches.count {
            numbers[audience] = batch
            batches.append([])
        }
        batches[batch].append(packet)
        return (batch, batches[batch].count - 1)
    }

    private mutating func add(_ batch: Int, _ index: Int, to slot: Int) {
        touch(slot)
        let last = pieces[slot].count - 1
        if last >= 0, case .packets(batch, let range) = pieces[slot][last], range.upperBound == index {
            pieces[slot][last] = .packets(batch: batch, range.lowerBound..<index + 1)
        } else {
            pieces[slot].append(.packets(batch: batch, index..<index + 1))
        }
    }

    private mutating func touch(_ slot: Int) {
        if slot >= pieces.count {
            pieces.append(contentsOf: repeatElement([], count: slot + 1 - pieces.count))
        }
        if pieces[slot].isEmpty { touched.append(slot) }
    }

    /// Returns everything, and removes it.
    ///
    /// - Parameter sink: The receiver of a slot; `nil` for one that gets nothing.
    /// - Returns: What each socket gets.
    mutating func drain(_ sink: (Int) -> (any SocketSink)?) -> [SocketDelivery] {
        guard !touched.isEmpty else { return [] }
        let shared = batches.map { PacketBatch($0) }
        var deliveries: [SocketDelivery] = []
        deliveries.reserveCapacity(touched.count)
        for slot in touched {
            // A socket that was refused may be touched twice, and have nothing the second time.
            guard !pieces[slot].isEmpty, let sink = sink(slot) else { continue }
            let outputs = pieces[slot].map { piece -> SocketOutput in
                switch piece {
                case .packets(let batch, let range): .packets(PacketRun(shared[batch], range))
                case .output(let output): output
                }
            }
            deliveries.append(SocketDelivery(sink: sink, outputs: outputs))
            pieces[slot].removeAll(keepingCapacity: true)
        }
        touched.removeAll(keepingCapacity: true)
        batches.removeAll(keepingCapacity: true)
        numbers.removeAll(keepingCapacity: true)
        return deliveries
    }
}
