import GameFolder
import World

/// What players see beyond an edge: each map keeps a mirror of the strip of each neighbour that is near to it
/// (`border_view`). Nothing runs in a mirror, scripts do not see it and it is not stored.
extension MapSimulation {
    private var borderView: Double { Double(game.configuration.borderView) }

    // MARK: Showing

    /// How long a neighbour is shown the strip after it has asked, in seconds; it asks every second.
    private static let lease = 3.0

    /// Notes that players of a neighbour see what is near its edge.
    func watch(_ neighbour: Int, isNew: Bool) {
        if isNew || watchers[neighbour].map({ $0 < now }) ?? true { shown[neighbour] = nil }
        watchers[neighbour] = now + Self.lease
    }

    /// Shows neighbours that have players what stands near the edge, when it is news to them: one that asks for the first
    /// time at once, the others at the ticks at which clients here would be told.
    func showBorders() {
        guard borderView > 0, !watchers.isEmpty else { return }
        watchers = watchers.filter { $0.value >= now }
        for neighbour in watchers.keys.sorted() {
            let sides = MapSide.allCases.filter { edges[$0] == neighbour }
            guard !sides.isEmpty, let geometry = game.maps.first(where: { $0.id == neighbour }) else { continue }
            if let known = shown[neighbour] {
                guard isTelling, hasNews(sides, known: known) else { continue }
            }
            let strip = strip(sides, to: geometry)
            shown[neighbour] = Set(strip.records.map(\.key))
            surroundings.router?.show(strip, to: neighbour)
        }
    }

    /// Whether anything near these edges changed since it was last told.
    private func hasNews(_ sides: [MapSide], known: Set<EntityKey>) -> Bool {
        if known.contains(where: { world[$0] == nil }) { return true }
        return world.changes.slots.contains { slot in
            world.slots.isAlive(Int(slot))
                && (known.contains(world.slots.key(Int(slot))) || side(of: sides, near: Int(slot)) != nil)
        }
    }

    private func side(of sides: [MapSide], near slot: Int) -> MapSide? {
        let (x, y) = (world.number(.x, slot: slot), world.number(.y, slot: slot))
        return sides.first { $0.distance(of: x, y, on: world.geometry) <= borderView }
    }

    private func strip(_ sides: [MapSide], to neighbour: MapGeometry) -> BorderStrip {
        let hidden = world.schema.components.filter(\.isPrivate).map(\.name)
        var strip = BorderStrip(mapID: world.geometry.id, records: [], acted: [])
        for entity in world.entities {
            guard let side = side(of: sides, near: Int(entity.slot)), var record = world.record(of: entity),
                let x = record.x, let y = record.y
            else { continue }
            (record.x, record.y) = side.rebased(x: x, y: y, from: world.geometry, to: neighbour)
            for name in hidden { record.components[name] = nil }
            record.events = [:]
            strip.records.append(record)
            if world.changes.contains(column: SystemField.action.rawValue, slot: Int(entity.slot)) {
                strip.acted.insert(record.key)
            }
        }
        return strip
    }

    // MARK: Seeing

    /// Tells the neighbours every second that there are players here; a map without players forgets what it saw.
    func watchBorders() {
        guard borderView > 0, !edges.isEmpty else { return }
        guard !sessions.isEmpty else { return clearMirrors() }
        guard now - lastWatched >= 1 else { return }
        lastWatched = now
        for neighbour in Set(edges.values).sorted() where neighbour != world.geometry.id {
            let isNew = !mirrors.contains { $0.geometry.id == neighbour }
            surroundings.router?.watch(neighbour, from: world.geometry.id, isNew: isNew)
        }
    }

    /// Forgets what is beyond the edges; clients that were told of it get a snapshot.
    func clearMirrors() {
        lastWatched = 0
        if mirrors.contains(where: { $0.count > 0 }), !sessions.isEmpty { isSchemaNew = true }
        mirrors = []
    }

    /// Takes over what a neighbour shows.
    func mirror(_ strip: BorderStrip) {
        guard borderView > 0, !sessions.isEmpty, edges.values.contains(strip.mapID),
            let mirror = mirror(of: strip.mapID)
        else { return }
        let keys = Set(strip.records.map(\.key))
        for entity in mirror.entities {
            if let key = mirror.key(of: entity), !keys.contains(key) { mirror.remove(entity) }
        }
        // What has arrived here meanwhile is not there any more.
        for record in strip.records where world[record.key] == nil {
            if let entity = mirror[record.key] {
                update(Int(entity.slot), of: mirror, to: record, hasActed: strip.acted.contains(record.key))
            } else {
                for other in mirrors {
                    if let entity = other[record.key] { other.remove(entity) }
                }
                // A neighbour with more entities than a map may have shows as many as there is room for.
                _ = try? mirror.add(record, placement: .exact, now: now)
            }
        }
    }

    /// What is here since clients were last told is told as what it is now, not as what was seen of it over there.
    func dropMirrorsOfOwn() {
        for mirror in mirrors where mirror.count > 0 {
            for slot in world.changes.slots where world.slots.isAlive(Int(slot)) {
                let info = world.slots[Int(slot)]
                if info.isNew, let seen = mirror[info.key] { mirror.remove(seen) }
            }
        }
    }

    private func mirror(of mapID: Int) -> World? {
        if let known = mirrors.first(where: { $0.geometry.id == mapID }) { return known }
        guard let geometry = game.maps.first(where: { $0.id == mapID }) else { return nil }
        let mirror = World(geometry: geometry, schema: world.schema, maxEntities: world.maxEntities)
        mirrors.append(mirror)
        mirrors.sort { $0.geometry.id < $1.geometry.id }
        return mirror
    }

    private func update(_ slot: Int, of mirror: World, to record: EntityRecord, hasActed: Bool) {
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
