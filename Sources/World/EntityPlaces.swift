/// Where the entities of a world are, as a grid that ``update(_:xs:ys:)`` brings up to date before a search.
///
/// The true positions are in the columns `x` and `y`; the grid is a cache of them.
package struct EntityPlaces: ~Copyable {
    /// The slots that moved since the grid was brought up to date.
    package private(set) var moved = SlotList()
    private var grid = SpatialGrid()
    private var cells: [SpatialGrid.Cell?] = []

    /// Notes that a slot's position may have changed.
    func mark(_ slot: Int) { moved.insert(slot) }

    /// Takes a slot out of the grid; its entity is being removed.
    mutating func remove(_ slot: Int) {
        if let cell = cells[slot] { grid.remove(UInt32(slot), from: cell) }
        cells[slot] = nil
    }

    /// Brings the grid up to date; looks only at the slots that moved since the last call.
    ///
    /// - Parameters:
    ///   - slots: Says which slots are in use.
    ///   - xs: The column `x`.
    ///   - ys: The column `y`.
    mutating func update(_ slots: borrowing SlotTable, xs: UnsafePointer<Double>, ys: UnsafePointer<Double>) {
        for slot in moved.slots.lazy.map(Int.init) where slots.isAlive(slot) {
            let cell = SpatialGrid.Cell(x: xs[slot], y: ys[slot])
            guard cells[slot] != cell else { continue }
            if let old = cells[slot] { grid.remove(UInt32(slot), from: old) }
            grid.insert(UInt32(slot), into: cell)
            cells[slot] = cell
        }
        moved.removeAll()
    }

    /// Calls `body` for each slot in the cells that a square touches.
    ///
    /// Positions are those of the last ``update(_:xs:ys:)``. A square of more cells than the grid has gives all slots.
    func forEach(x: Double, y: Double, radius: Double, _ body: (UInt32) -> Void) {
        grid.forEach(x: x, y: y, radius: radius, body)
    }

    /// Makes room for more slots.
    mutating func grow(to newCapacity: Int) {
        moved.grow(to: newCapacity)
        cells.append(contentsOf: repeatElement(nil, count: newCapacity - cells.count))
    }
}
