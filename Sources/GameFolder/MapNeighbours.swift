package import World

/// The neighbour of each map beyond each of its edges [M3.8].
///
/// Always mutual: where map 3 lies left of map 4, map 4 lies right of map 3. Neighbours touch along their whole edges,
/// so an entity that crosses keeps its distance from the upper or left end of the edge. A map may be its own neighbour.
package struct MapNeighbours: Sendable, Equatable {
    /// One declared neighbour: `neighbour` lies beyond the edge `side` of `map`.
    struct Claim {
        var map: Int
        var side: MapSide
        var neighbour: Int
        /// Where the file declares it.
        var line: Int?
        var column: Int?
    }

    private var sides: [Int: [MapSide: Int]] = [:]

    /// No map has a neighbour.
    package init() {}

    /// Makes the neighbours that a game declares.
    ///
    /// - Parameters:
    ///   - claims: The declared neighbours. A claim implies the opposite one, which may be declared too.
    ///   - maps: All maps.
    ///   - file: The file with the declarations, for messages.
    ///   - problems: Each claim that names a map that does not exist, contradicts another claim or joins edges of
    ///     different lengths is appended here.
    init(_ claims: [Claim], maps: [MapGeometry], file: String, problems: inout [GameFolderProblem]) {
        for claim in claims {
            do throws(GameFolderProblem) {
                try add(claim, maps: maps, file: file)
            } catch {
                problems.append(error)
            }
        }
    }

    private mutating func add(_ claim: Claim, maps: [MapGeometry], file: String) throws(GameFolderProblem) {
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

    /// The map beyond an edge; `nil` when the world ends there.
    package func neighbour(of map: Int, on side: MapSide) -> Int? { sides[map]?[side] }

    /// The maps beyond all edges of a map that have one.
    package func neighbours(of map: Int) -> [MapSide: Int] { sides[map] ?? [:] }

    /// Keeps only the neighbours that are still right for these maps; used when some maps could not be read.
    ///
    /// - Parameter maps: The maps of the game.
    /// - Returns: The pairs of neighbours that both exist and whose edges still have the same length.
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
