package import World

/// Writes the whole world for players who join or ask for it [M3.3–M3.6, `1-protocol.md` 4.1].
///
/// What all receivers of a tick see is written once; a receiver's own record, with its private components and `sides`,
/// takes the place of the public one.
package final class SnapshotEncoder {
    private let out = ByteWriter(capacity: 64 * 1024)
    private let head = ByteWriter()
    private let own = ByteWriter()
    private var playerRanges: [UInt32: Range<Int>] = [:]

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
                for slot in 0..<world.capacity
                where world.generations[slot] & 1 == 1 && world.kinds[slot] == kind.rawValue {
                    if out.count > empty { out.write(UInt8(ascii: ",")) }
                    let from = out.count
                    writer.writeFull(slot: slot, includesPrivate: false)
                    if index == 0, kind == .players { playerRanges[UInt32(slot)] = from..<out.count }
                }
            }
            out.write(UInt8(ascii: "]"))
        }
        out.write(UInt8(ascii: "}"))
    }

    /// What stands before the entities in one receiver's snapshot.
    package struct Head {
        package var tick: Int
        package var time: Double
        package var tickRate: Int
        /// The `sides` object.
        package var sides: [UInt8]
        /// The `timeouts` object.
        package var timeouts: [UInt8]

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
        head.write(string: world.infos[Int(slot)].key.description)
        head.write(",\"fps\":")
        head.write(integer: fields.tickRate)
        head.write(",\"sides\":")
        head.write(fields.sides)
        head.write(",\"timeouts\":")
        head.write(fields.timeouts)
        return head.bytes
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
        body(self.head(world, slot: slot, fields))
        guard let range = playerRanges[slot] else { return body(out.bytes) }
        own.truncate(to: 0)
        RecordWriter(world: world, out: own).writeFull(slot: Int(slot), includesPrivate: true, sides: fields.sides)
        body(out[0..<range.lowerBound])
        body(own.bytes)
        body(out[range.upperBound..<out.count])
    }
}
