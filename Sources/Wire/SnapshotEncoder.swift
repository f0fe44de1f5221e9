import NIOCore
package import World

/// Writes the whole world for players who join or ask for it [M3.3–M3.6, `1-protocol.md` 4.1].
///
/// The part that all receivers of a tick see is written once. In a receiver's message, its own record, with private
/// components and `sides`, replaces its public record.
package final class SnapshotEncoder {
    private let out = ByteWriter(capacity: 64 * 1024)
    private let head = ByteWriter()
    private let own = ByteWriter()
    private var playerRanges: [UInt32: Range<Int>] = [:]
    /// A copy of the shared part that the messages refer to; `nil` when the part is so short that each message gets its
    /// own copy.
    private var sharedCopy: SharedBytes?
    /// The shared part as deflate blocks, and in them the range of the public record of each receiver that can read
    /// them; `nil` when ``compress(for:with:)`` was not called or compression is not worth it.
    private var packed: (bytes: SharedBytes, ranges: [UInt32: Range<Int>])?

    /// Makes an encoder, which keeps its buffers from snapshot to snapshot.
    package init() {}

    /// Writes the part that all receivers share.
    ///
    /// - Parameters:
    ///   - world: The world.
    ///   - mirrors: The visible parts of other maps.
    package func encode(_ world: World, mirrors: [World] = []) {
        out.truncate(to: 0)
        playerRanges.removeAll(keepingCapacity: true)
        packed = nil
        for kind in EntityKind.allCases {
            out.write(kind.arrayHead)
            let empty = out.count
            for (index, world) in ([world] + mirrors).enumerated() {
                let writer = RecordWriter(world: world, out: out)
                for slot in 0..<world.slots.capacity
                where world.slots.isAlive(slot) && world.slots.kinds[slot] == kind.rawValue {
                    if out.count > empty { out.write(UInt8(ascii: ",")) }
                    let from = out.count
                    writer.writeFull(slot: slot, includesPrivate: false)
                    if index == 0, kind == .players { playerRanges[UInt32(slot)] = from..<out.count }
                }
            }
            out.write(UInt8(ascii: "]"))
        }
        out.write(UInt8(ascii: "}"))
        sharedCopy = out.count >= SharedBytes.minimum ? SharedBytes(out.bytes) : nil
    }

    /// Compresses the part that all receivers share, once for all of them; their messages use it.
    ///
    /// The public records of the receivers are compressed on their own, so that each message can have another record in
    /// the place of its receiver's.
    ///
    /// - Parameters:
    ///   - slots: The entities of the receivers that can read compressed messages.
    ///   - compressor: Bounds the work.
    package func compress(for slots: [UInt32], with compressor: SnapshotCompressor) {
        guard !slots.isEmpty, compressor.accepts(out.count) else { return }
        if sharedCopy == nil { sharedCopy = SharedBytes(out.bytes) }
        var blocks = ByteBufferAllocator().buffer(capacity: out.count / 4)
        var ranges: [UInt32: Range<Int>] = [:]
        var done = 0
        let own = slots.compactMap { slot in playerRanges[slot].map { (slot, $0) } }
        for (slot, range) in own.sorted(by: { $0.1.lowerBound < $1.1.lowerBound }) {
            compressor.write(out[done..<range.lowerBound], to: &blocks)
            let start = blocks.writerIndex
            compressor.write(out[range], to: &blocks)
            ranges[slot] = start..<blocks.writerIndex
            done = range.upperBound
        }
        compressor.write(out[done..<out.count], to: &blocks)
        blocks.writeInteger(Deflater.end)
        packed = (SharedBytes(blocks), ranges)
    }

    /// One receiver's message.
    ///
    /// - Parameters:
    ///   - world: The world that was encoded last.
    ///   - slot: The receiver's entity.
    ///   - fields: The fields before the entities.
    /// - Returns: The message.
    package func message(_ world: World, slot: UInt32, head fields: Head) -> OutboundMessage {
        guard let sharedCopy else {
            return OutboundMessage(kind: .snapshot) { forEachPiece(world, slot: slot, head: fields, $0) }
        }
        let pieces = pieces(world, slot: slot, head: fields)
        let tail = MessageFrame.Tail(sharedCopy, replacing: pieces.ownRange, with: ByteBuffer(bytes: pieces.own))
        return OutboundMessage(kind: .snapshot, size: pieces.head.count, tail: tail) { $0.writeBytes(pieces.head) }
            .with(
                deflatedTail: packed.flatMap { packed in
                    packed.ranges[slot].map { range in
                        var own = ByteBuffer()
                        own.writeStoredBlocks(pieces.own)
                        return MessageFrame.Tail(packed.bytes, replacing: range, with: own)
                    }
                })
    }

    /// The fields before the entities in one receiver's snapshot.
    package struct Head {
        /// The number of the tick.
        package var tick: Int
        /// The tick's time, Unix time in seconds.
        package var time: Double
        /// The tick rate in Hz; `fps` on the wire.
        package var tickRate: Int
        /// The `sides` object.
        package var sides: [UInt8]
        /// The `timeouts` object.
        package var timeouts: [UInt8]

        /// Makes a head from its parts.
        package init(tick: Int, time: Double, tickRate: Int, sides: [UInt8], timeouts: [UInt8]) {
            self.tick = tick
            self.time = time
            self.tickRate = tickRate
            self.sides = sides
            self.timeouts = timeouts
        }
    }

    /// Writes the part before the entities, for one receiver.
    ///
    /// - Parameters:
    ///   - world: The world.
    ///   - slot: The receiver's entity.
    ///   - fields: The values of its fields.
    /// - Returns: The bytes, valid until the next call.
    package func head(_ world: World, slot: UInt32, _ fields: Head) -> UnsafeBufferPointer<UInt8> {
        head.truncate(to: 0)
        head.write(OutboundMessage.snapshotStart)
        head.write(",\"tick\":")
        head.write(integer: fields.tick)
        head.write(",\"time\":")
        head.write(time: fields.time)
        head.write(",\"map_id\":")
        head.write(integer: world.geometry.id)
        head.write(",\"player\":")
        head.write(string: world.slots.key(Int(slot)).description)
        head.write(",\"fps\":")
        head.write(integer: fields.tickRate)
        head.write(",\"sides\":")
        head.write(fields.sides)
        head.write(",\"timeouts\":")
        head.write(fields.timeouts)
        return head.bytes
    }

    /// One receiver's message as pieces: ``head``, then ``shared`` with ``own`` in the place of ``ownRange``.
    ///
    /// The bytes are valid until the next call.
    package struct Pieces {
        /// The part before the entities.
        package let head: UnsafeBufferPointer<UInt8>
        /// The part that all receivers share.
        package let shared: UnsafeBufferPointer<UInt8>
        /// The range of the receiver's public record in ``shared``; empty, at its end, when there is no such record.
        package let ownRange: Range<Int>
        /// The receiver's record with its private components and `sides`; empty when there is no such record.
        package let own: UnsafeBufferPointer<UInt8>
    }

    /// The pieces of the message for one receiver.
    ///
    /// - Parameters:
    ///   - world: The world that was encoded last.
    ///   - slot: The receiver's entity.
    ///   - fields: The fields before the entities.
    /// - Returns: The pieces.
    package func pieces(_ world: World, slot: UInt32, head fields: Head) -> Pieces {
        let head = self.head(world, slot: slot, fields)
        own.truncate(to: 0)
        guard let range = playerRanges[slot] else {
            return Pieces(head: head, shared: out.bytes, ownRange: out.count..<out.count, own: own.bytes)
        }
        RecordWriter(world: world, out: own).writeFull(slot: Int(slot), includesPrivate: true, sides: fields.sides)
        return Pieces(head: head, shared: out.bytes, ownRange: range, own: own.bytes)
    }

    /// The pieces of the message for one receiver, in order.
    ///
    /// - Parameters:
    ///   - world: The world that was encoded last.
    ///   - slot: The receiver's entity.
    ///   - fields: The fields before the entities.
    ///   - body: Called with each piece; a piece is valid only during that call.
    package func forEachPiece(
        _ world: World, slot: UInt32, head fields: Head, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        let pieces = pieces(world, slot: slot, head: fields)
        body(pieces.head)
        body(UnsafeBufferPointer(rebasing: pieces.shared[..<pieces.ownRange.lowerBound]))
        body(pieces.own)
        body(UnsafeBufferPointer(rebasing: pieces.shared[pieces.ownRange.upperBound...]))
    }

    /// How many bytes of memory the buffers have.
    package var bufferBytes: Int { out.capacity + head.capacity + own.capacity }

    /// Frees the memory of a large snapshot; call it after all messages were made.
    package func release() {
        sharedCopy = nil
        packed = nil
        out.shrink()
    }
}
