import GameFolder
import GameRules
import World

/// The strips that a map sends to neighbours whose players see over the edge (`border_view`).
struct BorderStrips {
    /// Until when each neighbour gets its strip, Unix time in seconds.
    private var watchers: [Int: Double] = [:]
    /// The entities in the last strip of each of those neighbours.
    private var shown: [Int: Set<EntityKey>] = [:]

    /// How long a neighbour gets the strip after it has asked, in seconds; it asks every second.
    private static let lease = 3.0

    /// The neighbours that were sent a strip.
    var shownNeighbours: [Int] { Array(shown.keys) }

    /// Notes that a neighbour has players and asks for its strip.
    ///
    /// - Parameters:
    ///   - neighbour: The neighbour.
    ///   - isNew: Whether the neighbour has no mirror of this map yet.
    ///   - now: Unix time in seconds.
    mutating func renew(_ neighbour: Int, isNew: Bool, now: Double) {
        if isNew || watchers[neighbour].map({ $0 < now }) ?? true { shown[neighbour] = nil }
        watchers[neighbour] = now + Self.lease
    }

    /// Makes every neighbour get its strip again, even without changes.
    mutating func forgetShown() { shown = [:] }

    /// The strips to send in this tick: a neighbour that asks for the first time gets its strip at once, the others get
    /// a changed strip at the ticks at which clients of this map get a delta.
    ///
    /// - Parameters:
    ///   - world: This map's world.
    ///   - edges: Where the neighbours lie.
    ///   - game: All maps, and how far players see.
    ///   - now: Unix time in seconds.
    ///   - sendsChanges: Whether clients of this map get a delta in this tick.
    /// - Returns: The strips by ascending neighbour.
    mutating func news(
        of world: World, _ edges: MapEdges, _ game: GameDefinition, now: Double, sendsChanges: Bool
    ) -> [(neighbour: Int, strip: BorderStrip)] {
        let view = Double(game.configuration.borderView)
        guard view > 0, !watchers.isEmpty else { return [] }
        watchers = watchers.filter { $0.value >= now }
        var strips: [(neighbour: Int, strip: BorderStrip)] = []
        for neighbour in watchers.keys.sorted() {
            let sides = MapSide.allCases.filter { edges.neighbours[$0] == neighbour }
            guard !sides.isEmpty, let geometry = game.maps.first(where: { $0.id == neighbour }) else { continue }
            let area = Area(world: world, sides: sides, view: view)
            if let known = shown[neighbour] {
                guard sendsChanges, area.hasNews(known: known) else { continue }
            }
            let strip = area.strip(to: geometry)
            shown[neighbour] = Set(strip.records.map(\.key))
            strips.append((neighbour, strip))
        }
        return strips
    }

    /// The region near some edges of a map.
    private struct Area {
        let world: World
        let sides: [MapSide]
        /// The greatest distance from an edge, in tiles.
        let view: Double

        /// Whether an entity in this region or one of `known` changed since the last delta, or one of `known` is gone.
        func hasNews(known: Set<EntityKey>) -> Bool {
            if known.contains(where: { world[$0] == nil }) { return true }
            return world.changes.slots.contains { slot in
                world.slots.isAlive(Int(slot))
                    && (known.contains(world.slots.key(Int(slot))) || side(near: Int(slot)) != nil)
            }
        }

        func side(near slot: Int) -> MapSide? {
            let (x, y) = (world.number(.x, slot: slot), world.number(.y, slot: slot))
            return sides.first { $0.distance(of: x, y, on: world.geometry) <= view }
        }

        func strip(to neighbour: MapGeometry) -> BorderStrip {
            let hidden = world.schema.components.filter(\.isPrivate).map(\.name)
            var strip = BorderStrip(mapID: world.geometry.id, records: [], actionAssigned: [])
            for entity in world.entities {
                guard let side = side(near: Int(entity.slot)), var record = world.record(of: entity),
                    let x = record.x, let y = record.y
                else { continue }
                (record.x, record.y) = side.rebased(x: x, y: y, from: world.geometry, to: neighbour)
                for name in hidden { record.components[name] = nil }
                record.events = [:]
                strip.records.append(record)
                if world.changes.contains(column: SystemField.action.rawValue, slot: Int(entity.slot)) {
                    strip.actionAssigned.insert(record.key)
                }
            }
            return strip
        }
    }
}
