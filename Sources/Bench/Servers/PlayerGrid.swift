import Foundation

/// Where a player of a benchmark stands when it comes.
package struct BenchPlace: Sendable, Equatable {
    /// The map.
    package var mapID: Int
    /// From left to right, in tiles.
    package var x: Double
    /// From top to bottom, in tiles.
    package var y: Double

    /// Makes a place.
    ///
    /// - Parameters:
    ///   - mapID: The map.
    ///   - x: From left to right, in tiles.
    ///   - y: From top to bottom, in tiles.
    package init(mapID: Int, x: Double, y: Double) {
        self.mapID = mapID
        self.x = x
        self.y = y
    }
}

/// Players in rows and columns with the same distance to their neighbours, so that each sees as many others.
package struct PlayerGrid: Sendable, Equatable {
    /// How many players there are.
    package let count: Int
    /// Tiles between two neighbours.
    package let spacing: Int
    /// Players in a row.
    package let columns: Int

    /// Makes a grid that is as wide as high.
    ///
    /// - Parameters:
    ///   - count: How many players there are, at least 1.
    ///   - spacing: Tiles between two neighbours.
    package init(count: Int, spacing: Int) {
        self.count = count
        self.spacing = spacing
        columns = max(1, Int(Double(count).squareRoot().rounded(.up)))
    }

    /// The side of a map on which all find room, with one spacing around them for their steps.
    package var mapSide: Int { (columns + 1) * spacing + 1 }

    /// Where a player stands.
    ///
    /// - Parameter index: The player's number, from 0.
    /// - Returns: The place.
    package func place(_ index: Int) -> BenchPlace {
        BenchPlace(
            mapID: 1, x: Double((index % columns + 1) * spacing), y: Double((index / columns + 1) * spacing))
    }

    /// The players within a distance.
    ///
    /// - Parameters:
    ///   - index: The player in the middle; it is among the result.
    ///   - distance: In tiles.
    /// - Returns: Their numbers, ascending.
    package func near(_ index: Int, within distance: Int) -> [Int] {
        let reach = distance / max(spacing, 1)
        let (row, column) = (index / columns, index % columns)
        var found: [Int] = []
        for otherRow in max(0, row - reach)...(row + reach) {
            for otherColumn in max(0, column - reach)...min(columns - 1, column + reach) {
                let other = otherRow * columns + otherColumn
                let (dx, dy) = ((otherColumn - column) * spacing, (otherRow - row) * spacing)
                if other < count, dx * dx + dy * dy <= distance * distance { found.append(other) }
            }
        }
        return found
    }
}
