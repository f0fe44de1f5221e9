/// A grid of square cells, each with the numbers of what is in it, such as the slots of entities.
package struct SpatialGrid {
    /// A cell.
    package struct Cell: Hashable {
        /// Positions far outside of every map share the cells with this number, or its negative.
        package static let edge: Int32 = 1_000_000_000

        /// The number of the cell from left to right; 0 begins at the coordinate 0.
        package let column: Int32
        /// The number of the cell from top to bottom.
        package let row: Int32

        /// The cell of a position.
        ///
        /// - Parameters:
        ///   - x: In tiles.
        ///   - y: In tiles.
        ///   - size: The length of a cell's side, in tiles.
        package init(x: Double, y: Double, size: Double = 8) {
            column = Self.coordinate(x / size)
            row = Self.coordinate(y / size)
        }

        /// A cell by its numbers.
        package init(column: Int32, row: Int32) {
            self.column = column
            self.row = row
        }

        private static func coordinate(_ value: Double) -> Int32 {
            value.isNaN ? 0 : Int32(max(min(value.rounded(.down), Double(edge)), -Double(edge)))
        }
    }

    /// The places of the cells in `contents`.
    private var table = CellTable()
    /// What is in each cell; empty at the places that no cell has.
    private var contents: [[UInt32]] = []
    /// The places in `contents` that no cell has.
    private var free: [Int] = []

    /// How many cells the grid has memory for.
    var places: Int { contents.count }

    /// Makes a grid with nothing in it.
    package init() {}

    /// What is in a cell; `nil` when it is empty.
    package subscript(cell: Cell) -> [UInt32]? { table[cell].map { contents[$0] } }

    /// Puts a number into a cell.
    package mutating func insert(_ slot: UInt32, into cell: Cell) {
        if let place = table[cell] { return contents[place].append(slot) }
        let place = free.popLast() ?? contents.count
        if place == contents.count { contents.append([]) }
        contents[place].append(slot)
        table.insert(cell, place)
    }

    /// Takes a number out of a cell. O(n) for what is in the cell.
    package mutating func remove(_ slot: UInt32, from cell: Cell) {
        guard let place = table[cell], let index = contents[place].firstIndex(of: slot) else { return }
        contents[place].swapAt(index, contents[place].count - 1)
        contents[place].removeLast()
        guard contents[place].isEmpty else { return }
        table.remove(cell)
        free.append(place)
    }

    /// Calls `body` for each slot in the cells of 8 by 8 tiles that a square touches.
    ///
    /// A square of more cells than the grid has gives all slots.
    func forEach(x: Double, y: Double, radius: Double, _ body: (UInt32) -> Void) {
        let from = Cell(x: x - radius, y: y - radius)
        let to = Cell(x: x + radius, y: y + radius)
        let span = (Int(to.column) - Int(from.column) + 1).multipliedReportingOverflow(
            by: Int(to.row) - Int(from.row) + 1)
        if span.overflow || span.partialValue > table.count {
            for slots in contents { slots.forEach(body) }
            return
        }
        for row in from.row...to.row {
            for column in from.column...to.column {
                guard let place = table[Cell(column: column, row: row)] else { continue }
                contents[place].forEach(body)
            }
        }
    }
}
