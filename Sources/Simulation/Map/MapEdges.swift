import GameFolder
import JSONValues
import World

/// The maps beyond the edges of a map [M3.8].
struct MapEdges {
    private let mapID: Int
    /// The neighbours that share an edge.
    private(set) var neighbours: [MapSide: Int] = [:]

    /// ``sides`` as it is sent to clients: `{"center":4,"left":3}`.
    private(set) var sidesJSON: [UInt8]

    init(of mapID: Int) {
        self.mapID = mapID
        sidesJSON = Self.json(mapID, [:])
    }

    /// Whether no edge has a neighbour.
    var isEmpty: Bool { neighbours.isEmpty }

    /// The neighbours by side, with `center` for this map.
    var sides: [String: Int] {
        var sides = ["center": mapID]
        for (side, mapID) in neighbours { sides[side.rawValue] = mapID }
        return sides
    }

    private static func json(_ mapID: Int, _ neighbours: [MapSide: Int]) -> [UInt8] {
        var object: JSONObject = ["center": .number(Double(mapID))]
        for side in MapSide.allCases {
            if let mapID = neighbours[side] { object[side.rawValue] = .number(Double(mapID)) }
        }
        return JSON.object(object).bytes
    }

    /// The neighbours in a sentence for the log.
    var text: String {
        let known = MapSide.allCases.compactMap { side in neighbours[side].map { "\(side.rawValue) \($0)" } }
        return "neighbours: \(known.isEmpty ? "none" : known.joined(separator: ", "))"
    }

    /// Updates which maps lie beyond the edges.
    ///
    /// - Returns: Whether that changed, so that clients must get the new neighbours.
    mutating func update(from game: GameDefinition) -> Bool {
        let new = game.neighbours.neighbours(of: mapID)
        guard new != neighbours else { return false }
        neighbours = new
        sidesJSON = Self.json(mapID, new)
        return true
    }

    /// The most maps that one step may cross.
    private static let maxCrossings = 16

    /// The map on which a position beyond an edge lies, and the position in that map's coordinates.
    ///
    /// - Parameters:
    ///   - x: In tiles, in the coordinates of `geometry`.
    ///   - y: In tiles, in the coordinates of `geometry`.
    ///   - geometry: This map.
    ///   - game: All maps.
    /// - Returns: `nil` for a position on this map, and for one beyond an edge without a neighbour.
    static func beyond(
        x: Double, y: Double, of geometry: MapGeometry, in game: GameDefinition
    ) -> (map: MapGeometry, place: (x: Double, y: Double))? {
        guard x.isFinite, y.isFinite else { return nil }
        var (map, place) = (geometry, (x: x, y: y))
        var hasCrossed = false
        for _ in 0..<maxCrossings {
            guard let side = MapSide(beyond: place.x, place.y, of: map) else { break }
            // A position beyond a corner is beyond two edges; either may have a neighbour.
            let others = MapSide.allCases.filter { $0 != side && $0.isBeyond(place.x, place.y, of: map) }
            guard
                let (way, id) = ([side] + others).lazy.compactMap({ side in
                    game.neighbours.neighbour(of: map.id, on: side).map { (side, $0) }
                }).first,
                let next = game.maps.first(where: { $0.id == id })
            else { break }
            place = way.rebased(x: place.x, y: place.y, from: map, to: next)
            map = next
            hasCrossed = true
        }
        return hasCrossed ? (map, place) : nil
    }
}
