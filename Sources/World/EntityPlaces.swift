/// Where the entities of a world are, as a grid that is brought up to date when it is asked.
///
/// The positions are in the columns `x` and `y`, which decide; the grid is a cache of them. Scripts' field access puts
/// slots on the list of those that moved by itself (`plr_mark_dirty` in the Lua runtime), by the rule of ``mark(_:)``.
package struct EntityPlaces: ~Copyable {
    /// Whether each slot is on the list.
    package private(set) var flags: UnsafeMutablePointer<UInt8>
    /// The slots that moved since the grid was brought up to date, each once; the first ``count`` are meant.
    package private(set) var list: UnsafeMutablePointer<UInt32>
    /// The length of the list.
    package let count: UnsafeMutablePointer<UInt32>
    private var capacity = 0
    private var grid = SpatialGrid()
    private var cells: [SpatialGrid.Cell?] = []

    init() {
        flags = .allocate(capacity: 0)
        list = .allocate(capacity: 0)
        count = .allocate(capacity: 1)
        count.initialize(to: 0)
    }

    deinit {
        flags.deallocate()
        list.deallocate()
        count.deallocate()
    }

    /// Notes that a slot's position may have changed.
    func mark(_ slot: Int) {
        guard flags[slot] == 0 else { return }
        flags[slot] = 1
        list[Int(count.pointee)] = UInt32(slot)
        count.pointee += 1
    }

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
        for index in 0..<Int(count.pointee) {
            let slot = Int(list[index])
            flags[slot] = 0
            guard slots.isAlive(slot) else { continue }
            let cell = SpatialGrid.Cell(x: xs[slot], y: ys[slot])
            guard cells[slot] != cell else { continue }
            if let old = cells[slot] { grid.remove(UInt32(slot), from: old) }
            grid.insert(UInt32(slot), into: cell)
            cells[slot] = cell
        }
        count.pointee = 0
    }

    /// Calls back for each slot in the cells that a square touches, at least; positions are those of the last update.
    func forEach(x: Double, y: Double, radius: Double, _ body: (UInt32) -> Void) {
        grid.forEach(x: x, y: y, radius: radius, body)
    }

    /// Makes room for more slots.
    mutating func grow(to newCapacity: Int) {
        flags = flags.enlarged(from: capacity, to: newCapacity, filling: 0)
        list = list.enlarged(from: capacity, to: newCapacity, filling: 0)
        cells.append(contentsOf: repeatElement(nil, count: newCapacity - capacity))
        capacity = newCapacity
    }
}
