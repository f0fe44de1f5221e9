import NIOCore
package import World

/// Puts the positions of entities that move into messages that are short enough for datagrams (`docs/webrtc.md`).
///
/// Each message stands for itself: `{"tick":91234,"time":1670069589.9178,"players":[[24,160,96.5]]}`. The entry of an
/// entity has its `id`, `x` and `y`, and `z` when that has changed since the entity last rested.
package final class PositionDatagrams {
    /// The most bytes of a message.
    package static let maxBytes = 1100
    /// What a message has beside the entries, at most: tick, time, and the heads of four arrays.
    private static let otherBytes = 140
    /// The most bytes of a packed number, with the head of the packed array for the first of an entry.
    private static let packedNumber = 9

    private let isCompact: Bool
    private let out = ByteWriter()
    private var headEnd = 0
    private var kind: EntityKind?
    /// What the entries of the current message cost.
    private var cost = 0
    private var messages: [OutboundMessage] = []

    /// Makes an encoder.
    ///
    /// - Parameter isCompact: Whether the messages are MessagePack; else JSON.
    package init(isCompact: Bool) { self.isCompact = isCompact }

    /// Begins the messages of a tick.
    ///
    /// - Parameters:
    ///   - tick: The tick's number.
    ///   - time: The tick's time, Unix seconds.
    package func begin(tick: Int, time: Double) {
        out.truncate(to: 0)
        out.write(headOfTick: tick, time: time)
        headEnd = out.count
        (kind, cost) = (nil, 0)
        messages.removeAll()
    }

    /// Adds the positions of all entities that move.
    ///
    /// - Parameters:
    ///   - lane: The entities.
    ///   - worlds: Their worlds.
    package func add(_ lane: PositionLane, of worlds: [World]) {
        let entry = ByteWriter(capacity: 128)
        for kind in EntityKind.allCases {
            for world in worlds {
                guard let entities = lane[world] else { continue }
                for slot in entities.moved where world.slots.kinds[Int(slot)] == kind.rawValue {
                    entry.truncate(to: 0)
                    entry.write(positionOf: slot, in: world, entities)
                    add(entry.bytes, of: kind)
                }
            }
        }
    }

    /// Adds an entry; those of one kind follow each other.
    ///
    /// - Parameters:
    ///   - entry: What ``ByteWriter/write(positionOf:in:_:)`` wrote.
    ///   - kind: The entity's kind.
    package func add(_ entry: UnsafeBufferPointer<UInt8>, of kind: EntityKind) {
        let numbers = entry.reduce(1) { $0 + ($1 == UInt8(ascii: ",") ? 1 : 0) }
        let entryCost = isCompact ? Self.packedNumber * numbers + 1 : entry.count + 1
        if cost + entryCost > Self.maxBytes - Self.otherBytes { close() }
        cost += entryCost
        if self.kind == kind {
            out.write(UInt8(ascii: ","))
        } else {
            if self.kind != nil { out.write(UInt8(ascii: "]")) }
            out.write(kind.arrayHead)
            self.kind = kind
        }
        out.write(entry)
    }

    private func close() {
        guard kind != nil else { return }
        out.write("]}")
        let bytes = isCompact ? MessagePack.translate(json: out.bytes) : Array(out.bytes)
        messages.append(OutboundMessage(kind: .positions, json: bytes))
        out.truncate(to: headEnd)
        (kind, cost) = (nil, 0)
    }

    /// The messages, each with at most ``maxBytes`` bytes; empty when nothing was added.
    package func finish() -> [OutboundMessage] {
        close()
        return messages
    }
}

extension ByteWriter {
    /// Writes the entry of an entity that moves: `[id,x,y]` or `[id,x,y,z]`.
    ///
    /// - Parameters:
    ///   - slot: The entity.
    ///   - world: Its world.
    ///   - entities: The entities of that world that move.
    package func write(positionOf slot: UInt32, in world: World, _ entities: MovedEntities) {
        let index = Int(slot)
        write(UInt8(ascii: "["))
        write(integer: world.slots.key(index).id)
        write(UInt8(ascii: ","))
        write(number: world.columns[.x].wireNumber(slot: index))
        write(UInt8(ascii: ","))
        write(number: world.columns[.y].wireNumber(slot: index))
        if entities.hasHeight(slot) {
            write(UInt8(ascii: ","))
            write(number: world.columns[.z].wireNumber(slot: index))
        }
        write(UInt8(ascii: "]"))
    }
}
