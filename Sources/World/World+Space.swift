extension World {
    /// The entities within a circle, nearest first; equal distances in the order of their keys.
    ///
    /// - Parameters:
    ///   - x: The centre, in tiles.
    ///   - y: The centre, in tiles.
    ///   - radius: Tiles, from 0.
    ///   - kind: Only entities of this kind; `nil` for all.
    /// - Returns: The entities.
    /// - Complexity: The entities in the cells that the circle touches.
    public func near(x: Double, y: Double, radius: Double, kind: EntityKind? = nil) -> [EntityHandle] {
        guard x.isFinite, y.isFinite, radius >= 0, let xs = columns[SystemField.x.rawValue]?.numbers,
            let ys = columns[SystemField.y.rawValue]?.numbers
        else { return [] }
        updateGrid()
        var found: [(distance: Double, slot: UInt32)] = []
        // A little more, since the rounding of the cells' bounds and that of the distances need not agree.
        grid.forEach(x: x, y: y, radius: radius * 1.000_001 + 1e-6) { slot in
            let (dx, dy) = (xs[Int(slot)] - x, ys[Int(slot)] - y)
            let distance = dx * dx + dy * dy
            guard distance <= radius * radius, kind == nil || kinds[Int(slot)] == kind?.rawValue else { return }
            found.append((distance, slot))
        }
        found.sort {
            if $0.distance != $1.distance { return $0.distance < $1.distance }
            let (left, right) = (infos[Int($0.slot)].key, infos[Int($1.slot)].key)
            return (left.kind.rawValue, left.id) < (right.kind.rawValue, right.id)
        }
        return found.map { EntityHandle(slot: $0.slot, generation: generations[Int($0.slot)]) }
    }

    /// Brings the grid up to the positions: only what moved since the last question is looked at.
    private func updateGrid() {
        for index in 0..<Int(movedCount.pointee) {
            let slot = Int(movedList[index])
            movedFlags[slot] = 0
            guard generations[slot] & 1 == 1 else { continue }
            let cell = SpatialGrid.Cell(x: number(.x, slot: slot), y: number(.y, slot: slot))
            guard infos[slot].cell != cell else { continue }
            if let old = infos[slot].cell { grid.remove(UInt32(slot), from: old) }
            grid.insert(UInt32(slot), into: cell)
            infos[slot].cell = cell
        }
        movedCount.pointee = 0
    }

    /// Takes another shape of the same map; entities on tiles that are blocked now go to the nearest free one.
    ///
    /// - Parameter geometry: The new shape, with the same id.
    /// - Returns: How many entities were moved.
    @discardableResult
    public func apply(_ geometry: MapGeometry) -> Int {
        let old = self.geometry
        self.geometry = geometry
        walkable = geometry.walkableTiles
        guard
            old.blocked != geometry.blocked || old.width != geometry.width || old.originX != geometry.originX
                || old.originY != geometry.originY
        else { return 0 }
        var moved = 0
        for entity in entities {
            let slot = Int(entity.slot)
            let (x, y) = (number(.x, slot: slot), number(.y, slot: slot))
            // What stood on a blocked tile before, a portal in a wall say, stays.
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
