package import NIOCore
import Synchronization

/// Packets of one tick that mostly the same receivers get, in order: they share the packets, and the bytes of all of
/// them in a row.
///
/// Any thread.
package final class PacketBatch: Sendable {
    /// The packets in order; not empty.
    package let packets: [OutboundMessage]
    /// Where each packet's frame begins in the frames of all, and after them where the last one ends.
    private let offsets: [Int]
    /// The frames of all packets, once a receiver needed more than one.
    private let joined = Mutex<ByteBuffer?>(nil)

    /// Makes a batch.
    ///
    /// - Parameter packets: The packets in order.
    package init(_ packets: [OutboundMessage]) {
        self.packets = packets
        var offsets = [0]
        offsets.reserveCapacity(packets.count + 1)
        var end = 0
        for packet in packets {
            end += packet.size
            offsets.append(end)
        }
        self.offsets = offsets
    }

    /// How many bytes the frames of some packets have. O(1).
    fileprivate func bytes(_ range: Range<Int>) -> Int { offsets[range.upperBound] - offsets[range.lowerBound] }

    /// The frames of some packets in one buffer. O(1), but for the first call O(n) in the bytes of the batch.
    fileprivate func frames(_ range: Range<Int>) -> ByteBuffer {
        if range.count == 1, let frame = packets[range.lowerBound].plain.whole { return frame }
        let joined = joined.withLock { kept in
            if let kept { return kept }
            let made = join()
            kept = made
            return made
        }
        let start = joined.readerIndex + offsets[range.lowerBound]
        return joined.getSlice(at: start, length: bytes(range)) ?? ByteBuffer()
    }

    private func join() -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: offsets.last ?? 0)
        for packet in packets {
            buffer.writeImmutableBuffer(packet.plain.head)
            for piece in packet.plain.tail?.pieces ?? [] { buffer.writeImmutableBuffer(piece.bytes) }
        }
        return buffer
    }
}

/// Successive packets of a batch, for one receiver.
package struct PacketRun: Sendable {
    private let batch: PacketBatch
    private let range: Range<Int>

    /// Makes a run.
    ///
    /// - Parameters:
    ///   - batch: The batch.
    ///   - range: Which of its packets; not empty.
    package init(_ batch: PacketBatch, _ range: Range<Int>) {
        self.batch = batch
        self.range = range
    }

    /// Which packets a run has: equal for runs of the same packets of one batch, as long as the batch is kept.
    package struct ID: Hashable {
        fileprivate let batch: ObjectIdentifier
        fileprivate let range: Range<Int>
    }

    /// Which packets these are. O(1)
    package var id: ID { ID(batch: ObjectIdentifier(batch), range: range) }

    /// Each packet as a run of its own, in order.
    package var single: some Sequence<PacketRun> { range.lazy.map { PacketRun(batch, $0..<$0 + 1) } }

    /// The packets in order; each is shared by all who get it.
    package var packets: ArraySlice<OutboundMessage> { batch.packets[range] }

    /// The packets' complete WebSocket frames, one after the other in one buffer: a slice of what all receivers of the
    /// batch share. For a connection that sends the frames as they are, with one write.
    ///
    /// - Complexity: O(1); for the first run of a batch with more than one packet O(n) in the bytes of the batch.
    package var frames: ByteBuffer { batch.frames(range) }

    /// How many bytes ``frames`` has. O(1).
    package var bytes: Int { batch.bytes(range) }
}
