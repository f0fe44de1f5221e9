import GameFolder
import World

/// What players of a map see beyond its edges: for each neighbour, a mirror of the strip near the edge (`border_view`).
/// Nothing runs in a mirror, scripts do not see it and it is not stored.
struct BorderMirrors {
    /// A world for each neighbour, whose geometry has the neighbour's number, by ascending number.
    private(set) var worlds: [World] = []
    /// When this map last asked the neighbours for their strips, Unix time in seconds.
    private var lastAsked = 0.0

    /// The neighbours to ask for their strips now; they are asked every second while there are players here.
    ///
    /// - Parameters:
    ///   - edges: Where the neighbours lie.
    ///   - mapID: This map.
    ///   - now: Unix time in seconds.
    /// - Returns: The neighbours by ascending number, and for each whether this map has no mirror of it yet.
    mutating func neighboursToAsk(
        _ edges: MapEdges, from mapID: Int, now: Double
    ) -> [(neighbour: Int, isNew: Bool)] {
        guard now - lastAsked >= 1 else { return [] }
        lastAsked = now
        return Set(edges.neighbours.values).subtracting([mapID]).sorted().map { neighbour in
            (neighbour, !worlds.contains { $0.geometry.id == neighbour })
        }
    }

    /// Removes all mirrors.
    ///
    /// - Returns: Whether clients have entities of a mirror, so that they need a snapshot.
    mutating func clear() -> Bool {
        defer { worlds = [] }
        lastAsked = 0
        return worlds.contains { $0.count > 0 || $0.hasChanges }
    }

    /// Updates the mirror of a neighbour.
    ///
    /// - Parameters:
    ///   - strip: The entities near the neighbour's edge.
    ///   - world: This map's world.
    ///   - game: All maps.
    ///   - now: Unix time in seconds.
    mutating func update(_ strip: BorderStrip, beside world: World, _ game: GameDefinition, now: Double) {
        guard let mirror = mirror(of: strip.mapID, beside: world, game) else { return }
        let keys = Set(strip.records.map(\.key))
        for entity in mirror.entities {
            if let key = mirror.key(of: entity), !keys.contains(key) { mirror.remove(entity) }
        }
        // An entity that has moved to this map meanwhile is no longer on the neighbour.
        for record in strip.records where world[record.key] == nil {
            if let entity = mirror[record.key] {
                Self.update(
                    Int(entity.slot), of: mirror, to: record, hasActed: strip.actionAssigned.contains(record.key))
            } else {
                for other in worlds {
                    if let entity = other[record.key] { other.remove(entity) }
                }
                // `add` fails when the mirror has `maxEntities`; the other entities are then not shown.
                _ = try? mirror.add(record, placement: .exact, now: now)
            }
        }
    }

    /// Removes the mirrored entities that came to this map since the last delta: clients get the entity of this map
    /// instead of its mirror.
    func removeArrivals(on world: World) {
        for mirror in worlds where mirror.count > 0 {
            for slot in world.changes.slots where world.slots.isAlive(Int(slot)) && world.slots.isNew(Int(slot)) {
                if let seen = mirror[world.slots.key(Int(slot))] { mirror.remove(seen) }
            }
        }
    }

    private mutating func mirror(of mapID: Int, beside world: World, _ game: GameDefinition) -> World? {
        if let known = worlds.first(where: { $0.geometry.id == mapID }) { return known }
        guard let geometry = game.maps.first(where: { $0.id == mapID }) else { return nil }
        let mirror = World(geometry: geometry, schema: world.schema, maxEntities: world.maxEntities)
        mirror.positionDecimals = world.positionDecimals
        worlds.append(mirror)
        worlds.sort { $0.geometry.id < $1.geometry.id }
        return mirror
    }

    private static func update(_ slot: Int, of mirror: World, to record: EntityRecord, hasActed: Bool) {
        let numbers = [(SystemField.x, record.x ?? 0), (.y, record.y ?? 0), (.z, record.z), (.sort, record.sort)]
        for (field, value) in numbers { mirror.set(field, value, slot: slot) }
        mirror.set(.prefab, record.prefab, slot: slot)
        mirror.set(.side, record.side, slot: slot)
        if hasActed || mirror.text(.action, slot: slot) != record.action {
            mirror.set(.action, record.action, slot: slot)
        }
        for (name, value) in record.components {
            guard let column = mirror.columns.components[name], column.kinds.contains(record.key.kind),
                column.accepts(value), mirror.json(column: column, slot: slot) != value
            else { continue }
            mirror.setJSON(value, column: column, slot: slot)
        }
    }
}
