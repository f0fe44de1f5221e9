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
    ///   - problems: Every mistake is appended here, with its line and column.
    init(
        table root: Node, maps: [MapGeometry], closed: [ClosedMap] = [], file: String,
        problems: inout [GameFolderProblem]
    ) {
        func problem(_ node: Node, _ message: String) -> GameFolderProblem {
            GameFolderProblem(file: file, line: node.mark?.line, column: node.mark?.column, message: message)
        }
        func id(_ node: Node) -> Int? {
            if let id = node.scalar.flatMap({ Int($0.string) }) { return id }
            problems.append(problem(node, "\(node.scalar.map { "\"\($0.string)\"" } ?? "this") is no number of a map"))
            return nil
        }
        var claims: [Claim] = []
        let form = "write one map a line, such as 4: {left: 3, up: 7}"
        if root.mapping == nil { problems.append(problem(root, form)) }
        for (key, value) in root.mapping ?? [:] {
            let map = id(key)
            guard let sides = value.mapping else {
                problems.append(problem(value, form))
                continue
            }
            for (name, node) in sides {
                let text = name.scalar?.string ?? ""
                let (side, neighbour) = (MapSide(rawValue: text), id(node))
                if let map, let side, let neighbour {
                    if closed.contains(where: { $0.id == map || $0.id == neighbour }) { continue }
                    claims.append(
                        Claim(
                            map: map, side: side, neighbour: neighbour, line: name.mark?.line, column: name.mark?.column
                        ))
                } else if side == nil {
                    let names = MapSide.allCases.map(\.rawValue)
                    problems.append(
                        problem(
                            name,
                            "\"\(text)\" is no side; allowed are \(names.joined(separator: ", "))"
                                + Suggestion.hint(for: text, among: names)))
                }
            }
        }
        self.init(claims, maps: maps, file: file, problems: &problems)
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
        var problems: [GameFolderProblem] = []
        self.init(claims, maps: maps, file: file, problems: &problems)
        if let first = problems.first { throw first }
    }
}
