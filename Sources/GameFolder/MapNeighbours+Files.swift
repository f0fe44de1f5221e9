import GameRules
import World
import Yams

/// Neighbours as `game.yaml` or a Tiled world declares them.
extension MapNeighbours {
    /// Reads a table such as `4: {left: 3, up: 7}`.
    ///
    /// - Parameters:
    ///   - root: The table, one map a line.
    ///   - maps: All maps.
    ///   - file: Where it stands.
    /// - Throws: The first mistake, with its place.
    init(table root: Node, maps: [MapGeometry], file: String) throws(GameFolderProblem) {
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
                claims.append(
                    Claim(
                        map: map, side: side, neighbour: try id(neighbour), line: name.mark?.line,
                        column: name.mark?.column))
            }
        }
        try self.init(claims, maps: maps, file: file)
    }

    /// Reads a Tiled world: maps whose edges touch are neighbours.
    ///
    /// - Parameters:
    ///   - world: The file, JSON.
    ///   - maps: All maps.
    ///   - paths: The file of each map, by its number.
    ///   - file: The world's path; it names maps from its own folder.
    /// - Throws: The first mistake: a map that is not there, lies between tiles, overlaps another or touches it with a
    ///   part of an edge.
    init(
        world: [UInt8], maps: [MapGeometry], paths: [Int: String], file: String
    ) throws(GameFolderProblem) {
        do throws(TiledMap.Mistake) {
            let areas = try Self.areas(world, maps: maps, paths: paths, file: file)
            let claims = try Self.claims(areas)
            try self.init(checked: claims, maps: maps, file: file)
        } catch {
            throw GameFolderProblem(file: file, line: error.line, column: error.column, message: error.message)
        }
    }

    private init(checked claims: [Claim], maps: [MapGeometry], file: String) throws(TiledMap.Mistake) {
        do throws(GameFolderProblem) {
            try self.init(claims, maps: maps, file: file)
        } catch {
            throw TiledMap.Mistake(error.message)
        }
    }

    /// A map's place in the world, in tiles.
    private struct Area {
        var map: Int
        var left: Int
        var top: Int
        var right: Int
        var bottom: Int
    }

    /// Maps in a world: each is compared with each.
    private static let maxMaps = 1000
    /// The longest world file.
    static let maxWorldBytes = 4 << 20

    private static func areas(
        _ world: [UInt8], maps: [MapGeometry], paths: [Int: String], file: String
    ) throws(TiledMap.Mistake) -> [Area] {
        let world = try TiledObject(try TiledMap.json(world), "the world")
        guard try world.list("patterns").isEmpty else {
            throw TiledMap.Mistake("patterns are not read; list the maps in the world")
        }
        let entries = try world.list("maps")
        guard entries.count <= maxMaps else { throw TiledMap.Mistake("more than \(maxMaps) maps in one world") }
        let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
        func stem(_ path: String) -> Substring { path[..<(path.lastIndex(of: ".") ?? path.endIndex)] }
        var areas: [Area] = []
        for element in entries {
            let entry = try TiledObject(element, "a map of the world")
            let name = try entry.text("fileName", default: "")
            guard let id = paths.first(where: { stem($0.value) == stem(folder + name) })?.key,
                let map = maps.first(where: { $0.id == id })
            else { throw TiledMap.Mistake("the world names \(name), which is no map of this game") }
            guard !areas.contains(where: { $0.map == id }) else {
                throw TiledMap.Mistake("the world names \(name) twice")
            }
            let (x, y) = try (entry.number("x", default: 0), entry.number("y", default: 0))
            guard let left = Int(exactly: x / Double(map.tileWidth)), let top = Int(exactly: y / Double(map.tileHeight))
            else {
                throw TiledMap.Mistake(
                    "\(name) lies at \(Int(x)), \(Int(y)), between tiles of \(map.tileWidth) × \(map.tileHeight) pixels; move it"
                )
            }
            if let first = areas.first, let other = maps.first(where: { $0.id == first.map }),
                (other.tileWidth, other.tileHeight) != (map.tileWidth, map.tileHeight)
            {
                throw TiledMap.Mistake("tiles of \(name) are of another size than those of map \(first.map)")
            }
            // An infinite map lies where its tile 0, 0 is, and may begin before it.
            let (column, row) = (left + map.originX, top + map.originY)
            areas.append(Area(map: id, left: column, top: row, right: column + map.width, bottom: row + map.height))
        }
        return areas
    }

    private static func claims(_ areas: [Area]) throws(TiledMap.Mistake) -> [Claim] {
        var claims: [Claim] = []
        for (index, first) in areas.enumerated() {
            for second in areas[(index + 1)...] {
                let columns = min(first.right, second.right) - max(first.left, second.left)
                let rows = min(first.bottom, second.bottom) - max(first.top, second.top)
                if columns > 0, rows > 0 { throw TiledMap.Mistake("maps \(first.map) and \(second.map) overlap") }
                let side: MapSide
                let isWhole: Bool
                if columns == 0, rows > 0 {
                    side = first.left < second.left ? .right : .left
                    isWhole = first.top == second.top && first.bottom == second.bottom
                } else if rows == 0, columns > 0 {
                    side = first.top < second.top ? .down : .up
                    isWhole = first.left == second.left && first.right == second.right
                } else {
                    continue
                }
                guard isWhole else {
                    throw TiledMap.Mistake(
                        "maps \(first.map) and \(second.map) touch with a part of an edge; neighbours touch with the whole of it, or lie apart"
                    )
                }
                claims.append(Claim(map: first.map, side: side, neighbour: second.map))
            }
        }
        return claims
    }
}
