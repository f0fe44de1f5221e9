import JSONValues
package import World

/// Reads maps that Tiled exported as JSON (`.tmj`), versions 1.2 to 1.11.
///
/// Orthogonal maps, finite and infinite; tile data as CSV or base64, plain or packed with zlib or gzip; layers in
/// groups, and moved by an offset; tilesets inside the map or in a file of their own; objects, also from templates.
package enum TiledMap {
    /// A mistake in a map or in a file that it names.
    package struct Mistake: Error, Equatable {
        /// What is wrong and what is allowed.
        package var message: String
        /// The file it is in, as `maps/PATH`; `nil` for the map's own.
        package var file: String?
        /// The line, from 1, of text that can't be parsed; what is wrong with good JSON is named instead.
        package var line: Int?
        /// The character in that line, from 1.
        package var column: Int?
        /// The class of an object that is no kind of entity: maybe a misspelled one.
        package var unknownKind: String?

        init(_ message: String, file: String? = nil, line: Int? = nil, column: Int? = nil) {
            self.message = message
            self.file = file
            self.line = line
            self.column = column
        }
    }

    /// The largest map, in tiles on a side.
    static let maxSide = 4096
    /// Tiles of all layers and chunks together, empty ones included: the memory that a map may take, whatever its
    /// packed data claim.
    static let maxTiles = 1 << 25
    /// Layers, groups included.
    static let maxLayers = 256
    /// How deep groups of layers may nest.
    static let maxGroupDepth = 16
    /// Chunks of all layers of an infinite map: a map of the largest size in two layers.
    static let maxChunks = 1 << 17
    /// Objects of all layers.
    static let maxObjects = 100_000
    /// The longest map file, in bytes.
    package static let maxBytes = 64 << 20

    /// Makes a map's geometry from its file.
    ///
    /// - Parameters:
    ///   - source: The file.
    ///   - id: The number in its name.
    ///   - name: The rest of its name.
    ///   - external: Reads another file, by its path within `maps/`; `nil` when the file does not exist.
    /// - Returns: The geometry.
    /// - Throws: The first mistake.
    package static func geometry(
        _ source: [UInt8], id: Int, name: String, external: @escaping (String) -> [UInt8]?
    ) throws(Mistake) -> MapGeometry {
        let map = try TiledObject(try json(source), "the map")
        guard try map.text("type", default: "map") == "map" else {
            throw Mistake("not a Tiled map (type is not \"map\")")
        }
        let orientation = try map.text("orientation", default: "orthogonal")
        guard orientation == "orthogonal" else {
            throw Mistake(
                "the orientation is \"\(orientation)\"; only orthogonal maps can be played, as ways and distances are reckoned on squares (Map > Map Properties > Orientation)"
            )
        }
        let tileWidth = try map.whole("tilewidth", in: 1...4096)
        let tileHeight = try map.whole("tileheight", in: 1...4096)
        let files = TiledFiles(read: external)
        let tilesets = try TiledTilesets(map, files: files)

        var layers = TiledLayers(isInfinite: try map.flag("infinite", default: false), tileWidth, tileHeight)
        try layers.collect(map)
        let bounds = try layers.bounds(of: map)

        var blocked = [Bool](repeating: false, count: bounds.width * bounds.height)
        var visible: [MapGeometry.TileLayer] = []
        for layer in layers.tileLayers where layer.blocks || layer.isShown {
            let tiles = try layers.tiles(of: layer, in: bounds)
            if layer.blocks {
                for (index, tile) in tiles.enumerated() where tile != 0 { blocked[index] = true }
            } else if !tilesets.walls.isEmpty {
                for (index, tile) in tiles.enumerated() where tilesets.walls.contains(tile) { blocked[index] = true }
            }
            if layer.isShown {
                visible.append(
                    MapGeometry.TileLayer(
                        name: layer.name, tiles: tiles, offsetX: layer.restX, offsetY: layer.restY))
            }
        }
        let grid = TiledGrid(bounds: bounds, tileWidth: tileWidth, tileHeight: tileHeight)
        let spawns = try TiledSpawns(grid: grid, tilesets: tilesets, files: files).spawns(layers.objects)
        return MapGeometry(
            id: id, name: name, originX: bounds.x, originY: bounds.y, width: bounds.width, height: bounds.height,
            tileWidth: tileWidth, tileHeight: tileHeight, blocked: blocked, layers: visible,
            tileProperties: tilesets.properties, spawns: spawns, properties: try map.properties())
    }

    /// Parses JSON, naming the place of a mistake.
    static func json(_ source: [UInt8], file: String? = nil) throws(Mistake) -> JSON {
        do throws(JSONError) {
            return try JSON(parsing: source)
        } catch {
            if source.first(where: { $0 > 0x20 }) == UInt8(ascii: "<") {
                throw Mistake("XML, not JSON; export it from Tiled as JSON (File > Export As)", file: file, line: 1)
            }
            let before = source[..<min(error.offset, source.count)]
            let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
            throw Mistake(
                "not JSON (\(error.message)); export it from Tiled again", file: file,
                line: before.count { $0 == 0x0A } + 1,
                column: String(decoding: before[lineStart...], as: UTF8.self).count + 1)
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
