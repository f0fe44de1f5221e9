/// Where the entities of a world are, as a grid that is brought up to date when it is asked.
///
/// The positions are in the columns `x` and `y`, which decide; the grid is a cache of them.
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

    /// Brings the grid up to the positions: only what moved since the last call is looked at.
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

    /// Calls back for each slot in the cells that a square touches, at least; positions are those of the last update.
    func forEach(x: Double, y: Double, radius: Double, _ body: (UInt32) -> Void) {
        grid.forEach(x: x, y: y, radius: radius, body)
    }

    /// Makes room for more slots.
    mutating func grow(to newCapacity: Int) {
        moved.grow(to: newCapacity)
        cells.append(contentsOf: repeatElement(nil, count: newCapacity - cells.count))
    }
}
