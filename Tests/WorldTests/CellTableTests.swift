import Testing

@testable import World

@Suite("The hash table of cells")
struct CellTableTests {
    @Test("holds what a dictionary holds, through insertions and removals in any order", arguments: 1...20)
    func agreesWithADictionary(seed: UInt64) {
        var random = SplitMix(state: seed)
        var table = CellTable()
        var expected: [SpatialGrid.Cell: Int] = [:]
        // Few cells near each other, so that many searches meet other cells; and the cells far outside.
        let edge = SpatialGrid.Cell.edge
        let coordinates: [Int32] = Array(-6...6) + [edge, -edge]
        func anyCell() -> SpatialGrid.Cell {
            .init(
                column: coordinates.randomElement(using: &random) ?? 0,
                row: coordinates.randomElement(using: &random) ?? 0)
        }
        for step in 0..<2000 {
            let cell = anyCell()
            if expected[cell] == nil, step % 500 < 300 || Bool.random(using: &random) {
                table.insert(cell, step)
                expected[cell] = step
            } else {
                table.remove(cell)
                expected[cell] = nil
            }
            let other = anyCell()
            #expect(table[cell] == expected[cell])
            #expect(table[other] == expected[other])
            #expect(table.count == expected.count)
        }
        for column in coordinates {
            for row in coordinates {
                let cell = SpatialGrid.Cell(column: column, row: row)
                #expect(table[cell] == expected[cell])
            }
        }
    }

    @Test("a grid gives a place without a cell to the next cell")
    func placesAreUsedAgain() {
        var grid = SpatialGrid()
        for step in 0..<10_000 {
            let cell = SpatialGrid.Cell(column: Int32(step), row: Int32(-step))
            grid.insert(7, into: cell)
            #expect(grid[cell] == [7])
            grid.remove(7, from: cell)
            #expect(grid[cell] == nil)
        }
        #expect(grid.places == 1)
    }
}

/// Random numbers that are the same in each run.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
