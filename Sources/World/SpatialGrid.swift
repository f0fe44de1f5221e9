/// A grid of square cells of 8 by 8 tiles, each with the slots of the entities in it.
struct SpatialGrid {
    struct Cell: Hashable {
        var column: Int32
        var row: Int32

        init(x: Double, y: Double) {
            column = Self.coordinate(x)
            row = Self.coordinate(y)
        }

        init(column: Int32, row: Int32) {
            self.column = column
            self.row = row
        }

        static func coordinate(_ value: Double) -> Int32 {
            value.isNaN ? 0 : Int32(max(min((value / 8).rounded(.down), 1e9), -1e9))
        }
    }

    private var cells: [Cell: [UInt32]] = [:]

    mutating func insert(_ slot: UInt32, into cell: Cell) {
        cells[cell, default: []].append(slot)
    }

    mutating func remove(_ slot: UInt32, from cell: Cell) {
        guard let place = cells.index(forKey: cell), let index = cells.values[place].firstIndex(of: slot) else {
            return
        }
        // The cell is changed in place: copying a crowded cell each time an entity leaves it would be too slow.
        cells.values[place].swapAt(index, cells.values[place].count - 1)
        cells.values[place].removeLast()
        if cells.values[place].isEmpty { cells.remove(at: place) }
    }

    /// Calls `body` for each slot in the cells that a square touches.
    ///
    /// A square of more cells than the grid has gives all slots.
    func forEach(x: Double, y: Double, radius: Double, _ body: (UInt32) -> Void) {
        let from = Cell(x: x - radius, y: y - radius)
        let to = Cell(x: x + radius, y: y + radius)
        let span = (Int(to.column) - Int(from.column) + 1).multipliedReportingOverflow(
            by: Int(to.row) - Int(from.row) + 1)
        if span.overflow || span.partialValue > cells.count {
            for slots in cells.values { slots.forEach(body) }
            return
        }
        for row in from.row...to.row {
            for column in from.column...to.column {
                cells[Cell(column: column, row: row)]?.forEach(body)
            }
        }
    }
}
