extension World {
    /// The entities within a circle, nearest first; equal distances in the order of their keys.
    ///
    /// - Parameters:
    ///   - x: The centre, in tiles.
    ///   - y: The centre, in tiles.
    ///   - radius: Tiles, from 0.
    ///   - kind: Only entities of this kind; `nil` for all.
    /// - Returns: The entities.
    /// - Complexity: O(n log n) for the entities in the cells that the circle's bounding square touches.
    public func near(x: Double, y: Double, radius: Double, kind: EntityKind? = nil) -> [EntityHandle] {
        var found: [FoundEntity] = []
        near(x: x, y: y, radius: radius, kind: kind, into: &found)
        return found.map(\.handle)
    }

    /// As ``near(x:y:radius:kind:)``; the entities are put into `found`, in place of what is there, and its memory is
    /// used again.
    package func near(x: Double, y: Double, radius: Double, kind: EntityKind?, into found: inout [FoundEntity]) {
        found.removeAll(keepingCapacity: true)
        forEachNear(x: x, y: y, radius: radius) { slot, distance in
            if kind == nil || slots.kinds[Int(slot)] == kind?.rawValue { found.append(self.found(slot, distance)) }
        }
        found.sort { $0.isBefore($1) }
    }

    private func found(_ slot: UInt32, _ squaredDistance: Double) -> FoundEntity {
        FoundEntity(
            handle: slots.handle(Int(slot)), squaredDistance: squaredDistance, rank: slots.key(Int(slot)).rank)
    }

    /// Calls a closure for each entity within a circle, in no particular order.
    ///
    /// - Parameters:
    ///   - x: The centre, in tiles.
    ///   - y: The centre, in tiles.
    ///   - radius: Tiles, from 0.
    ///   - body: Gets the entity's slot and the square of its distance; must not change the world.
    /// - Complexity: O(n) for the entities in the cells that the circle's bounding square touches.
    package func forEachNear(
        x: Double, y: Double, radius: Double, _ body: (_ slot: UInt32, _ squaredDistance: Double) -> Void
    ) {
        guard x.isFinite, y.isFinite, radius >= 0 else { return }
        let (xs, ys) = (columns[.x].numbers, columns[.y].numbers)
        places.update(slots, xs: xs, ys: ys)
        // A slightly larger square: the bounds of the cells and the distances are rounded differently.
        places.forEach(x: x, y: y, radius: radius * 1.000_001 + 1e-6) { slot in
            let (dx, dy) = (xs[Int(slot)] - x, ys[Int(slot)] - y)
            let distance = dx * dx + dy * dy
            if distance <= radius * radius { body(slot, distance) }
        }
    }

    /// The entities whose positions as clients get them are within a circle, in the order of
    /// ``near(x:y:radius:kind:)``.
    package func seen(x: Double, y: Double, radius: Double) -> [EntityHandle] {
        var found: [FoundEntity] = []
        forEachSeen(x: x, y: y, radius: radius) { slot, distance in found.append(self.found(slot, distance)) }
        found.sort { $0.isBefore($1) }
        return found.map(\.handle)
    }

    /// As ``forEachNear(x:y:radius:_:)``, by the positions as clients get them: what a client sees must not depend on
    /// decimals that it does not get.
    package func forEachSeen(
        x: Double, y: Double, radius: Double, _ body: (_ slot: UInt32, _ squaredDistance: Double) -> Void
    ) {
        let scale = columns[.x].wireScale
        guard scale > 0 else { return forEachNear(x: x, y: y, radius: radius, body) }
        forEachNear(x: x, y: y, radius: radius + 1 / scale) { slot, _ in
            let place = sentForm(slot: Int(slot))
            let (dx, dy) = (place.x - x, place.y - y)
            let distance = dx * dx + dy * dy
            if distance <= radius * radius { body(slot, distance) }
        }
    }

    /// The position of an entity as clients get it, rounded to ``positionDecimals``.
    package func sentForm(slot: Int) -> (x: Double, y: Double) {
        (columns[.x].wireNumber(slot: slot), columns[.y].wireNumber(slot: slot))
    }

    /// The position of an entity that clients have; NaN for a new entity.
    package func sentPosition(slot: Int) -> (x: Double, y: Double) {
        (columns[.x].sentNumbers[slot], columns[.y].sentNumbers[slot])
    }

    /// Replaces the shape of the map; entities on tiles that became blocked are moved to the nearest walkable tile.
    ///
    /// - Parameter geometry: The new shape, with the same id.
    /// - Returns: How many entities were moved.
    @discardableResult
    public func apply(_ geometry: MapGeometry) -> Int {
        let old = self.geometry
        self.geometry = geometry
        walkable = geometry.walkableTiles
        startTiles = geometry.startTiles
        guard
            old.blocked != geometry.blocked || old.width != geometry.width || old.originX != geometry.originX
                || old.originY != geometry.originY
        else { return 0 }
        var moved = 0
        for entity in entities {
            let slot = Int(entity.slot)
            let (x, y) = (number(.x, slot: slot), number(.y, slot: slot))
            // An entity that stood on a blocked tile before, such as a portal in a wall, stays there.
            guard old.isWalkable(x: x, y: y), !geometry.isWalkable(x: x, y: y),
                let place = nearestPlace(x: x, y: y)
            else { continue }
            set(.x, place.x, slot: slot)
            set(.y, place.y, slot: slot)
            moved += 1
        }
        return moved
    }
}

/// An entity that a search found.
package struct FoundEntity {
    /// The entity.
    package let handle: EntityHandle
    fileprivate let squaredDistance: Double
    fileprivate let rank: UInt64

    /// Whether it is nearer than another one, or as near and its key comes first.
    fileprivate func isBefore(_ other: FoundEntity) -> Bool {
        squaredDistance == other.squaredDistance ? rank < other.rank : squaredDistance < other.squaredDistance
    }
}
