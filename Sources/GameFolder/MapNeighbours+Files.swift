import GameRules
import TiledMaps
import World
import Yams

/// Reads neighbours from `game.yaml` or from a Tiled world.
extension MapNeighbours {
    /// Reads a table such as `4: {left: 3, up: 7}`.
    ///
    /// - Parameters:
    ///   - root: The table, one map a line.
    ///   - maps: All maps that can be read.
    ///   - closed: The other maps: what is said of them counts when they open.
    ///   - file: The file with the table, for messages.
    /// - Throws: The first mistake, with its line and column.
    init(
        table root: Node, maps: [MapGeometry], closed: [ClosedMap] = [], file: String
    ) throws(GameFolderProblem) {
        func problem(_ node: Node, _ message: String) -> GameFolderProblem {
            GameFolderProblem(file: file, line: node.mark?.line, column: node.mark?.column, message: message)
        }
        func id(_ node: Node) throws(GameFolderProblem) -> Int {
            guard let id = node.scalar.flatMap({ Int($0.string) }) else {
                throw problem(node, "\(node.scalar.map { "\"\($0.string)\"" } ?? "this") is no number of a map")
            }
            return id
        }
        var claims: [Claim] = []
        let form = "write one map a line, such as 4: {left: 3, up: 7}"
        guard let table = root.mapping else { throw problem(root, form) }
        for (key, value) in table {
            let map = try id(key)
            guard let sides = value.mapping else { throw problem(value, form) }
            for (name, neighbour) in sides {
                let text = name.scalar?.string ?? ""
                guard let side = MapSide(rawValue: text) else {
                    let names = MapSide.allCases.map(\.rawValue)
                    throw problem(
                        name,
                        "\"\(text)\" is no side; allowed are \(names.joined(separator: ", "))"
                            + Suggestion.hint(for: text, among: names))
                }
                let claim = Claim(
                    map: map, side: side, neighbour: try id(neighbour), line: name.mark?.line,
                    column: name.mark?.column)
                if closed.contains(where: { $0.id == claim.map || $0.id == claim.neighbour }) { continue }
                claims.append(claim)
            }
        }
        try self.init(claims, maps: maps, file: file)
    }

    /// Reads a Tiled world: maps whose edges touch are neighbours.
    ///
    /// - Parameters:
    ///   - world: The content of the world file, JSON.
    ///   - maps: All maps that can be read.
    ///   - paths: The file of each map, by its number; a map that has one and can't be read is left out.
    ///   - file: The world file's path; the paths of maps in it are relative to its folder.
    /// - Throws: The first mistake: a map that does not exist, is not aligned to whole tiles, overlaps another map or
    ///   touches it along only a part of an edge.
    init(
        world: [UInt8], maps: [MapGeometry], paths: [Int: String], file: String
    ) throws(GameFolderProblem) {
        let claims: [Claim]
        do throws(TiledMap.Mistake) {
            claims = try TiledWorld.touchingMaps(world, maps: maps, paths: paths, file: file).map {
                Claim(map: $0.map, side: $0.side, neighbour: $0.neighbour)
            }
        } catch {
            throw GameFolderProblem(file: file, line: error.line, column: error.column, message: error.message)
        }
        try self.init(claims, maps: maps, file: file)
    }
}
