/// The area whose entities a client is told of: a circle around its own entity, the edge included.
struct ViewCircle: Hashable {
    /// The centre, in tiles.
    var x: Double
    /// The centre, in tiles.
    var y: Double
    /// Tiles, from 0.
    var radius: Double

    /// Whether a position is in the circle. NaN, the position of no entity, is not.
    func contains(_ x: Double, _ y: Double) -> Bool {
        let (dx, dy) = (x - self.x, y - self.y)
        return dx * dx + dy * dy <= radius * radius
    }

    /// As ``contains(_:_:)``.
    func contains(_ position: (x: Double, y: Double)) -> Bool { contains(position.x, position.y) }
}

/// A square of the grid by which viewers are found.
struct ViewCell: Hashable {
    private static let edge = Int32.max - 1

    let column: Int32
    let row: Int32

    init(column: Int32, row: Int32) {
        self.column = column
        self.row = row
    }

    /// The cell of a position.
    ///
    /// - Parameters:
    ///   - x: In tiles.
    ///   - y: In tiles.
    ///   - size: The length of a cell's side, in tiles: a power of two, so that the bounds of cells are exact numbers.
    init(x: Double, y: Double, size: Double) {
        column = Self.coordinate(x / size)
        row = Self.coordinate(y / size)
    }

    /// Positions far outside of every map share the cells at the ends.
    private static func coordinate(_ value: Double) -> Int32 {
        value.isNaN ? 0 : Int32(max(min(value.rounded(.down), Double(edge)), -Double(edge)))
    }

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
        let low = coordinate == -edge ? -Double.infinity : Double(coordinate) * size
        let high = coordinate == edge ? Double.infinity : Double(coordinate + 1) * size
        return value < low ? low - value : value > high ? value - high : 0
    }

    /// Calls a closure for each cell that a circle touches.
    static func forEach(touchedBy circle: ViewCircle, size: Double, _ body: (ViewCell) -> Void) {
        // A slightly larger square: bounds and distances are rounded differently.
        let reach = circle.radius * 1.000_001 + 1e-6
        let from = ViewCell(x: circle.x - reach, y: circle.y - reach, size: size)
        let to = ViewCell(x: circle.x + reach, y: circle.y + reach, size: size)
        for row in from.row...to.row {
            for column in from.column...to.column {
                let cell = ViewCell(column: column, row: row)
                if cell.isTouched(by: circle, size: size) { body(cell) }
            }
        }
    }
}
