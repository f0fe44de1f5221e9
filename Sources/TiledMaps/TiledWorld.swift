import JSONValues
package import World

/// Reads Tiled's world files (`.world`), which declare how maps lie beside each other.
package enum TiledWorld {
    /// The longest world file, in bytes.
    package static let maxBytes = 4 << 20
    /// How many maps a world may have; each map is compared with each other one.
    private static let maxMaps = 1000

    /// Two maps that touch along a whole edge.
    package struct Touch: Equatable {
        /// A map's number.
        package var map: Int
        /// The edge of that map.
        package var side: MapSide
        /// The number of the map beyond the edge.
        package var neighbour: Int
    }

    /// Finds the maps of a world whose edges touch.
    ///
    /// - Parameters:
    ///   - world: The content of the world file, JSON.
    ///   - maps: All maps that can be read.
    ///   - paths: The file of each map, by its number; a map that has one and is not among `maps` is left out.
    ///   - file: The world file's path; the paths of maps in it are relative to its folder.
    /// - Returns: Each pair of maps that touch, once.
    /// - Throws: The first mistake: a map that does not exist, is not aligned to whole tiles, overlaps another map or
    ///   touches it along only a part of an edge.
    package static func touchingMaps(
        _ world: [UInt8], maps: [MapGeometry], paths: [Int: String], file: String
    ) throws(TiledMap.Mistake) -> [Touch] {
        try touches(try areas(world, maps: maps, paths: paths, file: file))
    }

    /// A map's place in the world, in tiles.
    private struct Area {
        var map: Int
        var left: Int
        var top: Int
        var right: Int
        var bottom: Int
    }

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
            guard let id = paths.first(where: { stem($0.value) == stem(folder + name) })?.key else {
                throw TiledMap.Mistake("the world names \(name), which is no map of this game")
            }
            guard let map = maps.first(where: { $0.id == id }) else { continue }
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
            // The position of an infinite map is that of its tile 0, 0; its upper left tile may be before that.
            let (column, row) = (left + map.originX, top + map.originY)
            areas.append(Area(map: id, left: column, top: row, right: column + map.width, bottom: row + map.height))
        }
        return areas
    }

    private static func touches(_ areas: [Area]) throws(TiledMap.Mistake) -> [Touch] {
        var touches: [Touch] = []
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
                        "maps \(first.map) and \(second.map) touch along only a part of an edge; move them so that they touch along a whole edge or not at all"
                    )
                }
                touches.append(Touch(map: first.map, side: side, neighbour: second.map))
            }
        }
        return touches
    }
}
