/// An edge of a map, as clients name it in `sides` [M3.8].
public enum MapSide: String, Sendable, CaseIterable {
    /// The four edges; `up` is where y is smallest.
    case left, right, up, down

    /// The edge of the neighbouring map that this edge touches.
    public var opposite: MapSide {
        switch self {
        case .left: .right
        case .right: .left
        case .up: .down
        case .down: .up
        }
    }

    /// Whether the edge runs from top to bottom.
    public var isUpright: Bool { self == .left || self == .right }

    /// How long this edge of a map is.
    ///
    /// - Parameter map: The map.
    /// - Returns: The length in tiles.
    public func length(of map: MapGeometry) -> Int { isUpright ? map.height : map.width }

    /// Whether two maps can touch with this edge of the first.
    ///
    /// - Parameters:
    ///   - first: The map with this edge.
    ///   - second: The map with the opposite edge.
    /// - Returns: `true` when both edges have the same length.
    public func fits(_ first: MapGeometry, _ second: MapGeometry) -> Bool { length(of: first) == length(of: second) }

    /// Converts a position into the coordinates of the neighbouring map beyond this edge.
    ///
    /// - Parameters:
    ///   - x: Position in tiles of `map`.
    ///   - y: Position in tiles of `map`.
    ///   - map: The map with this edge.
    ///   - neighbour: The map that touches it there with its whole opposite edge.
    /// - Returns: The position in tiles of `neighbour`.
    public func rebased(
        x: Double, y: Double, from map: MapGeometry, to neighbour: MapGeometry
    ) -> (x: Double, y: Double) {
        // The column and row of the neighbour's first tile, counted from the first tile of `map`.
        let (column, row) =
            switch self {
            case .left: (-neighbour.width, 0)
            case .right: (map.width, 0)
            case .up: (0, -neighbour.height)
            case .down: (0, map.height)
            }
        return (
            x + Double(neighbour.originX - map.originX - column), y + Double(neighbour.originY - map.originY - row)
        )
    }

    /// Finds the edge that a position is beyond; `nil` for a position on the map.
    ///
    /// A position beyond a corner counts as beyond the left or right edge.
    ///
    /// - Parameters:
    ///   - x: Position in tiles.
    ///   - y: Position in tiles.
    ///   - map: The map.
    public init?(beyond x: Double, _ y: Double, of map: MapGeometry) {
        guard let side = Self.allCases.first(where: { $0.isBeyond(x, y, of: map) }) else { return nil }
        self = side
    }

    /// How far a position on a map is from this edge, in tiles; the edge runs half a tile outside the outermost
    /// centres.
    ///
    /// - Parameters:
    ///   - x: Position in tiles.
    ///   - y: Position in tiles.
    ///   - map: The map.
    /// - Returns: The distance, negative beyond the edge.
    public func distance(of x: Double, _ y: Double, on map: MapGeometry) -> Double {
        switch self {
        case .left: x - (Double(map.originX) - 0.5)
        case .right: Double(map.originX + map.width) - 0.5 - x
        case .up: y - (Double(map.originY) - 0.5)
        case .down: Double(map.originY + map.height) - 0.5 - y
        }
    }

    /// Whether a position is beyond this edge.
    ///
    /// - Parameters:
    ///   - x: Position in tiles.
    ///   - y: Position in tiles.
    ///   - map: The map.
    /// - Returns: `true` for a place beyond the map's last tile in this direction.
    public func isBeyond(_ x: Double, _ y: Double, of map: MapGeometry) -> Bool {
        switch self {
        case .left: (x + 0.5).rounded(.down) < Double(map.originX)
        case .right: (x + 0.5).rounded(.down) >= Double(map.originX + map.width)
        case .up: (y + 0.5).rounded(.down) < Double(map.originY)
        case .down: (y + 0.5).rounded(.down) >= Double(map.originY + map.height)
        }
    }
}
