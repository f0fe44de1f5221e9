package import NIOCore
import Synchronization

/// Packets of one tick that mostly the same receivers get, in order: they share the packets, and the bytes of all of
/// them in a row.
///
/// Any thread.
package final class PacketBatch: Sendable {
    /// The packets in order; not empty.
    package let packets: [OutboundMessage]
    private let joined = Mutex<Joined?>(nil)

    private struct Joined {
        let frames: ByteBuffer
        /// Where each packet's frame begins in `frames`, and after them where the last one ends.
        let offsets: [Int]
    }

    /// Makes a batch.
    ///
    /// - Parameter packets: The packets in order.
    package init(_ packets: [OutboundMessage]) { self.packets = packets }

    /// The frames of some packets in one buffer. O(1), but for the first call O(n) in the bytes of the batch.
    fileprivate func frames(_ range: Range<Int>) -> ByteBuffer {
        if range.count == 1, let frame = packets[range.lowerBound].plain.whole { return frame }
        let joined = joined.withLock { kept in
            if let kept { return kept }
            let made = join()
            kept = made
            return made
        }
        let (start, end) = (joined.offsets[range.lowerBound], joined.offsets[range.upperBound])
        return joined.frames.getSlice(at: joined.frames.readerIndex + start, length: end - start) ?? ByteBuffer()
    }

    private func join() -> Joined {
        var buffer = ByteBufferAllocator().buffer(capacity: packets.reduce(0) { $0 + $1.size })
        var offsets = [0]
        offsets.reserveCapacity(packets.count + 1)
        for packet in packets {
            buffer.writeImmutableBuffer(packet.plain.head)
            for piece in packet.plain.tail?.pieces ?? [] { buffer.writeImmutableBuffer(piece.bytes) }
            offsets.append(buffer.writerIndex)
        }
        return Joined(frames: buffer, offsets: offsets)
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

    /// The packets in order; each is shared by all who get it.
    package var packets: ArraySlice<OutboundMessage> { batch.packets[range] }

    /// The packets' complete WebSocket frames, one after the other in one buffer: a slice of what all receivers of the
    /// batch share. For a connection that sends the frames as they are, with one write.
    ///
    /// - Complexity: O(1); for the first run of a batch with more than one packet O(n) in the bytes of the batch.
    package var frames: ByteBuffer { batch.frames(range) }

    /// How many bytes ``frames`` has.
    ///
    /// - Complexity: O(n) in the packets of the run.
    package var bytes: Int { packets.reduce(0) { $0 + $1.size } }
}
