/// A hash table from cells of a grid to small numbers, with open addressing.
///
/// A look-up takes a multiplication and mostly one comparison. A `Dictionary` takes several times as long to hash a
/// cell, and the searches of a tick do little else. The multiplier is random, so that nobody can choose positions whose
/// cells collide.
struct CellTable {
    private static let minCapacity = 16

    private var cells: [SpatialGrid.Cell]
    /// The number of each cell in `cells`; negative where there is no cell.
    private var numbers: [Int32]
    /// The number of cells.
    private(set) var count = 0
    private let multiplier: UInt64

    /// Makes a table without cells.
    init() {
        multiplier = UInt64.random(in: .min ... .max) | 1
        cells = Array(repeating: .init(column: 0, row: 0), count: Self.minCapacity)
        numbers = Array(repeating: -1, count: Self.minCapacity)
    }

    /// The number of a cell; `nil` for a cell that is not in the table.
    subscript(cell: SpatialGrid.Cell) -> Int? { index(of: cell).map { Int(numbers[$0]) } }

    /// Adds a cell that is not in the table yet; its number must be from 0.
    mutating func insert(_ cell: SpatialGrid.Cell, _ number: Int) {
        // At most half of the places are used, so that searches stay short.
        if count * 2 >= cells.count { grow() }
        put(cell, Int32(number))
        count += 1
    }

    /// Takes a cell out of the table.
    mutating func remove(_ cell: SpatialGrid.Cell) {
        guard var hole = index(of: cell) else { return }
        let mask = cells.count - 1
        var next = (hole + 1) & mask
        while numbers[next] >= 0 {
            // A search for a cell behind the hole would end there, unless its search begins after the hole.
            if (next - home(of: cells[next])) & mask >= (next - hole) & mask {
                (cells[hole], numbers[hole]) = (cells[next], numbers[next])
                hole = next
            }
            next = (next + 1) & mask
        }
        numbers[hole] = -1
        count -= 1
    }

    /// Where a search for a cell begins.
    private func home(of cell: SpatialGrid.Cell) -> Int {
        let key = UInt64(UInt32(bitPattern: cell.column)) << 32 | UInt64(UInt32(bitPattern: cell.row))
        return Int(truncatingIfNeeded: (key &* multiplier) >> UInt64(64 - cells.count.trailingZeroBitCount))
    }

    private func index(of cell: SpatialGrid.Cell) -> Int? {
        var index = home(of: cell)
        while numbers[index] >= 0 {
            if cells[index] == cell { return index }
            index = (index + 1) & (cells.count - 1)
        }
        return nil
    }

    private mutating func put(_ cell: SpatialGrid.Cell, _ number: Int32) {
        var index = home(of: cell)
        while numbers[index] >= 0 { index = (index + 1) & (cells.count - 1) }
        (cells[index], numbers[index]) = (cell, number)
    }

    private mutating func grow() {
        let (oldCells, oldNumbers) = (cells, numbers)
        cells = Array(repeating: .init(column: 0, row: 0), count: oldCells.count * 2)
        numbers = Array(repeating: -1, count: cells.count)
        for (index, number) in oldNumbers.enumerated() where number >= 0 { put(oldCells[index], number) }
    }
}
