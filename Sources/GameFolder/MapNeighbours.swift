package import World

/// An edge of a map, as clients name it in `sides` [M3.8].
package enum MapSide: String, Sendable, CaseIterable {
    case left, right, up, down

    /// The edge of the neighbour that this one touches.
    package var opposite: MapSide {
        switch self {
        case .left: .right
        case .right: .left
        case .up: .down
        case .down: .up
        }
    }

    /// Whether the edge runs from top to bottom.
    var isUpright: Bool { self == .left || self == .right }

    /// How long a map's edge is, in tiles.
    func length(of map: MapGeometry) -> Int { isUpright ? map.height : map.width }

    /// Whether two maps can touch with this edge of the first.
    func fits(_ first: MapGeometry, _ second: MapGeometry) -> Bool { length(of: first) == length(of: second) }

    /// The same place as the map beyond this edge counts it.
    ///
    /// - Parameters:
    ///   - x: Position in tiles of `map`.
    ///   - y: Position in tiles of `map`.
    ///   - map: The map with this edge.
    ///   - neighbour: The map that touches it there with its whole opposite edge.
    /// - Returns: The position in tiles of `neighbour`.
    package func rebased(
        x: Double, y: Double, from map: MapGeometry, to neighbour: MapGeometry
    ) -> (x: Double, y: Double) {
        // Where the neighbour's first tile lies, counted from the first tile of the map.
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

    /// The edge that a position is beyond; `nil` for one on the map. Of a corner, the edge to the left or right.
    ///
    /// - Parameters:
    ///   - x: Position in tiles.
    ///   - y: Position in tiles.
    ///   - map: The map.
    package init?(beyond x: Double, _ y: Double, of map: MapGeometry) {
        guard let side = Self.allCases.first(where: { $0.isBeyond(x, y, of: map) }) else { return nil }
        self = side
    }

    /// How far a position on a map is from this edge, in tiles; the edge runs half a tile outside the outermost centres.
    ///
    /// - Parameters:
    ///   - x: Position in tiles.
    ///   - y: Position in tiles.
    ///   - map: The map.
    /// - Returns: The distance, negative beyond the edge.
    package func distance(of x: Double, _ y: Double, on map: MapGeometry) -> Double {
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
    /// - Returns: `true` for one whose tile is none of the map's, in this direction.
    package func isBeyond(_ x: Double, _ y: Double, of map: MapGeometry) -> Bool {
        switch self {
        case .left: (x + 0.5).rounded(.down) < Double(map.originX)
        case .right: (x + 0.5).rounded(.down) >= Double(map.originX + map.width)
        case .up: (y + 0.5).rounded(.down) < Double(map.originY)
        case .down: (y + 0.5).rounded(.down) >= Double(map.originY + map.height)
        }
    }
}

/// Which map lies beyond which edge of which [M3.8].
///
/// Always mutual: where 3 lies left of 4, 4 lies right of 3. Neighbours touch with their whole edges, so a place keeps
/// its distance from the edge's beginning when it crosses. A map may be its own neighbour.
package struct MapNeighbours: Sendable, Equatable {
    /// One line of a declaration.
    struct Claim {
        var map: Int
        var side: MapSide
        var neighbour: Int
        /// Where it stands.
        var line: Int?
        var column: Int?
    }

    private var sides: [Int: [MapSide: Int]] = [:]

    /// No map has a neighbour.
    package init() {}

    /// Makes the neighbours that a game declares.
    ///
    /// - Parameters:
    ///   - claims: What is declared; the way back may be declared too, or follows.
    ///   - maps: All maps.
    ///   - file: Where it is declared.
    /// - Throws: The first claim that names no map, contradicts another or joins edges of different lengths.
    init(_ claims: [Claim], maps: [MapGeometry], file: String) throws(GameFolderProblem) {
        for claim in claims {
            func problem(_ message: String) -> GameFolderProblem {
                GameFolderProblem(file: file, line: claim.line, column: claim.column, message: message)
            }
            var found: [MapGeometry] = []
            for id in [claim.map, claim.neighbour] {
                guard let map = maps.first(where: { $0.id == id }) else {
                    throw problem(
                        "no map has the number \(id); there are \(maps.map { "\($0.id)" }.joined(separator: ", "))")
                }
                found.append(map)
            }
            guard claim.side.fits(found[0], found[1]) else {
                let lengths = found.map { claim.side.length(of: $0) }
                throw problem(
                    "map \(claim.map) is \(lengths[0]) tiles \(claim.side.isUpright ? "high" : "wide"), its \(claim.side) neighbour \(claim.neighbour) is \(lengths[1]); they must be equal"
                )
            }
            let ends = [(claim.map, claim.side, claim.neighbour), (claim.neighbour, claim.side.opposite, claim.map)]
            for (map, side, neighbour) in ends {
                if let other = sides[map]?[side], other != neighbour {
                    throw problem(
                        "map \(map) has two neighbours on its \(side) side, \(other) and \(neighbour); keep one")
                }
                sides[map, default: [:]][side] = neighbour
            }
        }
    }

    /// The map beyond an edge; `nil` when the world ends there.
    package func neighbour(of map: Int, on side: MapSide) -> Int? { sides[map]?[side] }

    /// The maps beyond all edges of a map that have one.
    package func neighbours(of map: Int) -> [MapSide: Int] { sides[map] ?? [:] }

    /// The neighbours among some maps only, for when one could not be read.
    ///
    /// - Parameter maps: The maps that are there.
    /// - Returns: The neighbours of those whose edges still fit each other.
    func among(_ maps: [MapGeometry]) -> MapNeighbours {
        var kept = MapNeighbours()
        for (id, map) in maps.map({ ($0.id, $0) }) {
            for (side, neighbour) in neighbours(of: id) {
                guard let other = maps.first(where: { $0.id == neighbour }), side.fits(map, other) else { continue }
                kept.sides[id, default: [:]][side] = neighbour
            }
        }
        return kept
    }
}
