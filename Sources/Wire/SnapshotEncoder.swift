import NIOCore
package import World

/// Writes the whole world for players who join or ask for it [M3.3–M3.6, `1-protocol.md` 4.1].
///
/// What all receivers of a tick see is written once; a receiver's own record, with its private components and `sides`,
/// takes the place of the public one.
package final class SnapshotEncoder {
    /// How much room is kept from one snapshot to the next, in bytes.
    private static let keptCapacity = 1 << 20

    private let out = ByteWriter(capacity: 64 * 1024)
    private let head = ByteWriter()
    private let own = ByteWriter()
    private var playerRanges: [UInt32: Range<Int>] = [:]
    /// The part that all receivers share, for their messages; `nil` for a short one, of which each message has its own
    /// copy.
    private var sharedCopy: SharedBytes?

    /// Makes an encoder, which keeps its buffers from snapshot to snapshot.
    package init() {}

    /// Writes the part that all receivers share.
    ///
    /// - Parameters:
    ///   - world: The world.
    ///   - mirrors: What is seen of other maps.
    package func encode(_ world: World, mirrors: [World] = []) {
        out.truncate(to: 0)
        playerRanges.removeAll(keepingCapacity: true)
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

    /// One receiver's message.
    ///
    /// - Parameters:
    ///   - world: The world that was encoded last.
    ///   - slot: The receiver's entity.
    ///   - fields: What stands before the entities.
    /// - Returns: The message.
    package func message(_ world: World, slot: UInt32, head fields: Head) -> OutboundMessage {
        guard let sharedCopy else {
            return OutboundMessage(kind: .snapshot) { forEachPiece(world, slot: slot, head: fields, $0) }
        }
        let pieces = pieces(world, slot: slot, head: fields)
        return OutboundMessage(kind: .snapshot, size: pieces.head.count, tail: .init(sharedCopy, pieces)) {
            $0.writeBytes(pieces.head)
        }
    }

    /// What stands before the entities in one receiver's snapshot.
    package struct Head {
        /// The number of the tick.
        package var tick: Int
        /// The tick's time, Unix time in seconds.
        package var time: Double
        /// Ticks a second; `fps` on the wire.
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

    /// What stands before the entities, for one receiver.
    ///
    /// - Parameters:
    ///   - world: The world.
    ///   - slot: The receiver's entity.
    ///   - fields: The values.
    /// - Returns: The bytes, valid until the next call.
    package func head(_ world: World, slot: UInt32, _ fields: Head) -> UnsafeBufferPointer<UInt8> {
        head.truncate(to: 0)
        head.write("{\"action\":\"load/index\",\"tick\":")
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

    /// One receiver's message as pieces: ``head``, then the shared part with ``own`` in the place of ``ownRange``.
    ///
    /// The bytes are valid until the next call.
    package struct Pieces {
        /// What stands before the entities.
        package let head: UnsafeBufferPointer<UInt8>
        /// What all receivers share.
        package let shared: UnsafeBufferPointer<UInt8>
        /// Where the receiver's public record stands in it; empty, at its end, for a receiver that has none.
        package let ownRange: Range<Int>
        /// The receiver's record with what only that receiver may see.
        package let own: UnsafeBufferPointer<UInt8>
    }

    /// The pieces of the message for one receiver.
    ///
    /// - Parameters:
    ///   - world: The world that was encoded last.
    ///   - slot: The receiver's entity.
    ///   - fields: What stands before the entities.
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
    ///   - fields: What stands before the entities.
    ///   - body: Is given each piece; they are valid during the call only.
    package func forEachPiece(
        _ world: World, slot: UInt32, head fields: Head, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        let pieces = pieces(world, slot: slot, head: fields)
        body(pieces.head)
        body(UnsafeBufferPointer(rebasing: pieces.shared[..<pieces.ownRange.lowerBound]))
        body(pieces.own)
        body(UnsafeBufferPointer(rebasing: pieces.shared[pieces.ownRange.upperBound...]))
    }

    /// Gives the memory of a large snapshot back; called when all messages are made.
    package func release() {
        sharedCopy = nil
        out.shrink(to: Self.keptCapacity)
    }
}

extension OutboundMessage.Tail {
    /// The shared part with a receiver's own record in its place.
    fileprivate init(_ shared: SharedBytes, _ pieces: SnapshotEncoder.Pieces) {
        func slice(_ range: Range<Int>) -> ByteBuffer {
            // The buffer holds the bytes from its reader index on, all of them.
            shared.bytes.getSlice(at: shared.bytes.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
        }
        let all: [(bytes: ByteBuffer, isShared: Bool)] = [
            (slice(0..<pieces.ownRange.lowerBound), true), (ByteBuffer(bytes: pieces.own), false),
            (slice(pieces.ownRange.upperBound..<pieces.shared.count), true),
        ]
        self.init(shared: shared, pieces: all.filter { $0.bytes.readableBytes > 0 })
    }
}
