package import World

/// The entities of a world that move, for clients with a lane for datagrams (`docs/webrtc.md`).
///
/// While an entity moves, such clients get its position in datagrams, which may get lost. A datagram that is lost costs
/// nothing but time: the next one has the whole position. Once the entity has rested for one send, its position is told
/// in a delta, which does not get lost; so all clients have the same world then. An entity that is new, that enters the
/// view of a client or that is part of a snapshot is told whole anyway.
package final class MovedEntities {
    /// An entity that moved at the last send.
    private struct Moving {
        var entity: EntityHandle
        var hasHeight: Bool
    }

    /// What is known of a slot at this send.
    private enum Mark {
        static let moved: UInt8 = 1
        static let rests: UInt8 = 2
        static let hasHeight: UInt8 = 4
    }

    private static let fields: [SystemField] = [.x, .y, .z]
    private static let position: UInt64 = bit(.x) | bit(.y) | bit(.z)

    private static func bit(_ field: SystemField) -> UInt64 { 1 << UInt64(field.rawValue) }

    /// The slots of the entities that move, in the order in which they changed.
    package private(set) var moved: [UInt32] = []
    /// The slots of the entities that moved at the last send and do not any more.
    package private(set) var resting: [UInt32] = []
    private var moving: [Moving] = []
    /// A combination of ``Mark`` for each slot.
    private var marks: [UInt8] = []

    init() {}

    /// Looks at what changed since the last send. O(changes), and those of the last send.
    func begin(_ world: World) {
        for slot in moved + resting { marks[Int(slot)] = 0 }
        let before = moving
        moved.removeAll(keepingCapacity: true)
        resting.removeAll(keepingCapacity: true)
        moving.removeAll(keepingCapacity: true)
        for slot in world.changes.slots where hasMoved(slot, in: world) {
            mark(slot, world.columns[.z].differsFromSent(slot: Int(slot)) ? Mark.moved | Mark.hasHeight : Mark.moved)
            moved.append(slot)
        }
        for last in before where world.isAlive(last.entity) && !world.slots.isNew(Int(last.entity.slot)) {
            let slot = last.entity.slot
            if last.hasHeight { mark(slot, Mark.hasHeight) }
            guard !isMoving(slot) else { continue }
            mark(slot, Mark.rests)
            resting.append(slot)
        }
        for slot in moved {
            moving.append(Moving(entity: world.slots.handle(Int(slot)), hasHeight: hasHeight(slot)))
        }
    }

    private func hasMoved(_ slot: UInt32, in world: World) -> Bool {
        let index = Int(slot)
        guard world.changes.word(0, slot: index) & Self.position != 0, world.slots.isAlive(index),
            !world.slots.isNew(index)
        else { return false }
        return Self.fields.contains { world.columns[$0].differsFromSent(slot: index) }
    }

    private func mark(_ slot: UInt32, _ mark: UInt8) {
        let missing = Int(slot) + 1 - marks.count
        // Twice the room, so that it seldom grows.
        if missing > 0 { marks.append(contentsOf: repeatElement(0, count: missing + marks.count)) }
        marks[Int(slot)] |= mark
    }

    private func marks(of slot: UInt32) -> UInt8 { Int(slot) < marks.count ? marks[Int(slot)] : 0 }

    /// Whether `z` has changed since the entity last rested.
    func hasHeight(_ slot: UInt32) -> Bool { marks(of: slot) & Mark.hasHeight != 0 }

    /// Whether an entity moves: its position goes by a datagram.
    package func isMoving(_ slot: UInt32) -> Bool { marks(of: slot) & Mark.moved != 0 }

    /// The system fields of an entity that its record in a delta has.
    ///
    /// - Parameters:
    ///   - slot: The entity.
    ///   - changed: A bit for each field that changed.
    /// - Returns: A bit for each field of the record, and those that stand there whether they differ from what clients
    ///   have or not.
    func fields(of slot: Int, changed: UInt64) -> (all: UInt64, certain: UInt64) {
        let mark = marks(of: UInt32(slot))
        guard mark & Mark.rests != 0 else { return (changed & ~Self.position, 0) }
        let told = Self.bit(.x) | Self.bit(.y) | (mark & Mark.hasHeight != 0 ? Self.bit(.z) : 0)
        return (changed & ~Self.position | told, told)
    }
}

/// The entities that move, in each of the worlds that are sent together.
package final class PositionLane {
    private var worlds: [Int: MovedEntities] = [:]

    /// Makes a lane without entities.
    package init() {}

    /// Begins a send.
    ///
    /// - Parameter worlds: The worlds that are sent.
    package func begin(_ worlds: [World]) {
        var current: [Int: MovedEntities] = [:]
        for world in worlds {
            let entities = self.worlds[world.geometry.id] ?? MovedEntities()
            entities.begin(world)
            current[world.geometry.id] = entities
        }
        self.worlds = current
    }

    /// Forgets everything, because no client has a lane.
    package func end() { if !worlds.isEmpty { worlds = [:] } }

    /// The entities of a world that move; `nil` for a world that is not sent.
    package subscript(world: World) -> MovedEntities? { worlds[world.geometry.id] }
}
