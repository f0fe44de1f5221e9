import World

/// The area whose entities a client gets: a circle around its own entity, the edge included.
struct ViewCircle: Hashable {
    /// The centre, in tiles.
    var x: Double
    /// The centre, in tiles.
    var y: Double
    /// Tiles, from 0.
    var radius: Double

    /// Whether a position is in the circle. NaN, the position of no entity, is not.
    func contains(_ x: Double, _ y: Double) -> Bool {
        squaredDistance(to: (x, y)) <= radius * radius
    }

    /// As ``contains(_:_:)``.
    func contains(_ position: (x: Double, y: Double)) -> Bool { contains(position.x, position.y) }

    /// The square of the distance of a position from the centre.
    func squaredDistance(to position: (x: Double, y: Double)) -> Double {
        let (dx, dy) = (position.x - x, position.y - y)
        return dx * dx + dy * dy
    }

    /// Calls a closure for circles that together contain two circles: one around both when they are near each other, as
    /// after a step, so that what is in both is looked at once.
    static func forEachArea(of first: ViewCircle, _ second: ViewCircle, _ body: (ViewCircle) -> Void) {
        let distance = first.squaredDistance(to: (second.x, second.y)).squareRoot()
        let widest = max(first.radius, second.radius)
        guard distance < widest else {
            body(first)
            body(second)
            return
        }
        let (x, y) = ((first.x + second.x) / 2, (first.y + second.y) / 2)
        // Slightly larger than needed, because the centre is rounded.
        let reach = (widest + distance / 2) * 1.000_001 + 1e-6 + (abs(x) + abs(y)) * 1e-14
        body(ViewCircle(x: x, y: y, radius: reach))
    }
}

/// How circles lie on the grid by which viewers are found. The side of a cell is a power of two, so that the bounds of
/// cells are exact numbers.
extension SpatialGrid.Cell {
    /// Whether a circle touches the cell; true for the cell of every position that the circle contains.
    ///
    /// The differences are rounded as ``ViewCircle/contains(_:_:)`` rounds them. No position in the cell is nearer than
    /// the cell's own nearest one, and rounding keeps that order.
    func isTouched(by circle: ViewCircle, size: Double) -> Bool {
        let dx = Self.distance(from: circle.x, to: column, size: size)
        let dy = Self.distance(from: circle.y, to: row, size: size)
        return dx * dx + dy * dy <= circle.radius * circle.radius
    }

    private static func distance(from value: Double, to coordinate: Int32, size: Double) -> Double {
        let low = coordinate == -Self.edge ? -Double.infinity : Double(coordinate) * size
        let high = coordinate == Self.edge ? Double.infinity : Double(coordinate + 1) * size
        return value < low ? low - value : value > high ? value - high : 0
    }

    /// Calls a closure for each cell that a circle touches.
    static func forEach(touchedBy circle: ViewCircle, size: Double, _ body: (SpatialGrid.Cell) -> Void) {
        // A slightly larger square: bounds and distances are rounded differently.
        let reach = circle.radius * 1.000_001 + 1e-6
        let from = SpatialGrid.Cell(x: circle.x - reach, y: circle.y - reach, size: size)
        let to = SpatialGrid.Cell(x: circle.x + reach, y: circle.y + reach, size: size)
        for row in from.row...to.row {
            for column in from.column...to.column {
                let cell = SpatialGrid.Cell(column: column, row: row)
                if cell.isTouched(by: circle, size: size) { body(cell) }
            }
        }
    }
}
