import World

/// Reads maps that Tiled exported as JSON (`.tmj`), versions 1.2 to 1.11.
///
/// Orthogonal maps, finite and infinite; tile data as CSV or base64, plain or packed with zlib or gzip; layers in
/// groups; tilesets inside the map or in a `.tsj` beside it.
struct TiledMap {
    /// A mistake in a map; the file is added by whoever reads it.
    struct Mistake: Error, Equatable {
        var message: String
        /// The file it is in, if that is not the map's own.
        var file: String?
        /// The line, from 1, of text that is no JSON; what is wrong with good JSON is named instead.
        var line: Int?

        init(_ message: String, file: String? = nil, line: Int? = nil) {
            self.message = message
            self.file = file
            self.line = line
        }
    }

    /// The largest map, in tiles on a side.
    static let maxSide = 4096
    /// The longest map file, in bytes.
    static let maxBytes = 64 << 20

    /// Makes a map's geometry from its file.
    ///
    /// - Parameters:
    ///   - source: The file.
    ///   - id: The number in its name.
    ///   - name: The rest of its name.
    ///   - external: Reads a tileset's file, by its path relative to the map; `nil` when there is none.
    /// - Returns: The geometry.
    /// - Throws: The first mistake.
    static func geometry(
        _ source: [UInt8], id: Int, name: String, external: (String) -> [UInt8]?
    ) throws(Mistake) -> MapGeometry {
        let map = try TiledObject(try json(source), "the map")
        guard try map.text("type", default: "map") == "map" else {
            throw Mistake("not a Tiled map (type is not \"map\")")
        }
        let orientation = try map.text("orientation", default: "orthogonal")
        guard orientation == "orthogonal" else {
            throw Mistake("the orientation is \"\(orientation)\"; only orthogonal maps can be played")
        }
        let tileWidth = try map.whole("tilewidth", in: 1...4096)
        let tileHeight = try map.whole("tileheight", in: 1...4096)
        let tileProperties = try TiledTilesets.properties(of: map, external: external)

        var layers = TiledLayers(isInfinite: try map.flag("infinite", default: false))
        try layers.collect(map, isVisible: true, depth: 0)
        let bounds = try layers.bounds(of: map)

        var blocked = [Bool](repeating: false, count: bounds.width * bounds.height)
        var walls: Set<Int> = []
        for (tile, properties) in tileProperties where try isWall(tile, properties) { walls.insert(tile) }
        var visible: [MapGeometry.TileLayer] = []
        for layer in layers.tileLayers {
            let tiles = try layers.tiles(of: layer, in: bounds)
            if layer.isCollision {
                for (index, tile) in tiles.enumerated() where tile != 0 { blocked[index] = true }
            } else if layer.isVisible {
                if !walls.isEmpty {
                    for (index, tile) in tiles.enumerated() where walls.contains(tile) { blocked[index] = true }
                }
                visible.append(MapGeometry.TileLayer(name: layer.name, tiles: tiles))
            }
        }
        let grid = TiledGrid(bounds: bounds, tileWidth: tileWidth, tileHeight: tileHeight)
        let spawns = try TiledSpawns.spawns(layers.objects, on: grid)
        return MapGeometry(
            id: id, name: name, originX: bounds.x, originY: bounds.y, width: bounds.width, height: bounds.height,
            tileWidth: tileWidth, tileHeight: tileHeight, blocked: blocked, layers: visible,
            tileProperties: tileProperties, spawns: spawns)
    }

    /// Parses JSON, naming the line of a mistake.
    static func json(_ source: [UInt8], file: String? = nil) throws(Mistake) -> JSON {
        do throws(JSONError) {
            return try JSON(parsing: source)
        } catch {
            let line = source[..<min(error.offset, source.count)].count { $0 == UInt8(ascii: "\n") } + 1
            throw Mistake("not JSON (\(error.message)); export it from Tiled again", file: file, line: line)
        }
    }

    private static func isWall(_ tile: Int, _ properties: JSONObject) throws(Mistake) -> Bool {
        switch properties["walkable"] {
        case nil: return false
        case .bool(let isWalkable): return !isWalkable
        case .some(let value):
            throw Mistake("the property walkable of tile \(tile) is \(value.text); make it a bool, true or false")
        }
    }
}

/// A rectangle of tiles.
struct TiledBounds: Equatable {
    var x: Int
    var y: Int
    var width: Int
    var height: Int

    /// - Throws: A mistake when a side is not 1 to ``TiledMap/maxSide``.
    func checked() throws(TiledMap.Mistake) -> TiledBounds {
        let allowed = 1...TiledMap.maxSide
        guard allowed.contains(width), allowed.contains(height) else {
            throw TiledMap.Mistake("the map is \(width) × \(height) tiles; a side may have 1 to \(TiledMap.maxSide)")
        }
        return self
    }
}

/// One object of the file, read with checks that name it.
struct TiledObject {
    let members: JSONObject
    let what: String

    init(_ value: JSON, _ what: String) throws(TiledMap.Mistake) {
        guard case .object(let members) = value else {
            throw TiledMap.Mistake("\(what) is \(value.typeName) where an object should stand")
        }
        self.members = members
        self.what = what
    }

    func wrong(_ key: String, _ expected: String) -> TiledMap.Mistake {
        let found = members[key].map { value in
            let text = value.text
            return text.count > 40 ? "\(value.typeName)" : text
        }
        return TiledMap.Mistake("\(key) of \(what) is \(found ?? "missing"); it must be \(expected)")
    }

    func text(_ key: String, default missing: String) throws(TiledMap.Mistake) -> String {
        switch members[key] {
        case nil, .null: return missing
        case .string(let text): return text
        default: throw wrong(key, "text")
        }
    }

    func flag(_ key: String, default missing: Bool) throws(TiledMap.Mistake) -> Bool {
        switch members[key] {
        case nil, .null: return missing
        case .bool(let flag): return flag
        default: throw wrong(key, "true or false")
        }
    }

    func number(_ key: String, default missing: Double? = nil) throws(TiledMap.Mistake) -> Double {
        switch members[key] {
        case .number(let number) where number.magnitude < 1e9: return number
        case nil where missing != nil: return missing ?? 0
        default: throw wrong(key, "a number")
        }
    }

    func whole(_ key: String, in range: ClosedRange<Int>) throws(TiledMap.Mistake) -> Int {
        guard let number = members[key]?.number, let whole = Int(exactly: number), range.contains(whole) else {
            throw wrong(key, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return whole
    }

    func list(_ key: String) throws(TiledMap.Mistake) -> [JSON] {
        switch members[key] {
        case nil: return []
        case .array(let elements): return elements
        default: throw wrong(key, "an array")
        }
    }

    /// Tiled's custom properties as one object.
    func properties() throws(TiledMap.Mistake) -> JSONObject {
        var properties = JSONObject()
        for element in try list("properties") {
            let property = try TiledObject(element, "a property of \(what)")
            guard let name = property.members["name"]?.string, let value = property.members["value"] else {
                throw TiledMap.Mistake("a property of \(what) lacks its name or value; export the map from Tiled again")
            }
            properties[name] = value
        }
        return properties
    }
}
