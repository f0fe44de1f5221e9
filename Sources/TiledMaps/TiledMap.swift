import JSONValues
package import World

/// Reads maps that Tiled exported as JSON (`.tmj`), versions 1.2 to 1.11.
///
/// It supports orthogonal maps, finite and infinite; tile data as CSV or base64, uncompressed or compressed with zlib
/// or gzip; layers in groups and with offsets; tilesets in the map or in separate files; objects, also from templates.
package enum TiledMap {
    /// A mistake in a map or in a file that it refers to.
    package struct Mistake: Error, Equatable {
        /// What is wrong and what is allowed.
        package var message: String
        /// The file with the mistake, as `maps/PATH`; `nil` for the map's own file.
        package var file: String?
        /// The line, from 1, of text that can't be parsed; `nil` for a mistake in valid JSON, whose message names the
        /// element instead.
        package var line: Int?
        /// The character in that line, from 1.
        package var column: Int?
        /// The class of an object when it is no entity type, so that the caller can suggest a similar one.
        package var unknownKind: String?

        init(_ message: String, file: String? = nil, line: Int? = nil, column: Int? = nil) {
            self.message = message
            self.file = file
            self.line = line
            self.column = column
        }
    }

    /// The greatest width and height of a map, in tiles.
    static let maxSide = 4096
    /// How many tiles all layers and chunks may have together, empty ones included. It bounds the memory that a map
    /// uses, whatever its compressed data unpacks to.
    static let maxTiles = 1 << 25
    /// How many layers a map may have, groups included.
    static let maxLayers = 256
    /// How deep groups of layers may nest.
    static let maxGroupDepth = 16
    /// How many chunks all layers of an infinite map may have: enough for two layers of the largest size in chunks of
    /// 16 × 16 tiles.
    static let maxChunks = 1 << 17
    /// How many objects all layers may have.
    static let maxObjects = 100_000
    /// The longest map file, in bytes.
    package static let maxBytes = 64 << 20

    /// Makes a map's geometry from its file.
    ///
    /// - Parameters:
    ///   - source: The bytes of the file.
    ///   - id: The number in the file's name.
    ///   - name: The rest of the file's name.
    ///   - note: Gets remarks for the map's author that keep nobody from playing, for example about an object without a
    ///     class.
    ///   - external: Reads another file, by its path within `maps/`; returns `nil` when the file does not exist.
    /// - Returns: The geometry.
    /// - Throws: The first mistake.
    package static func geometry(
        _ source: [UInt8], id: Int, name: String, note: (String) -> Void = { _ in },
        external: @escaping (String) -> [UInt8]?
    ) throws(Mistake) -> MapGeometry {
        let map = try TiledObject(try json(source), "the map")
        guard try map.text("type", default: "map") == "map" else {
            throw Mistake("not a Tiled map (type is not \"map\")")
        }
        let orientation = try map.text("orientation", default: "orthogonal")
        guard orientation == "orthogonal" else {
            throw Mistake(
                "the orientation is \"\(orientation)\"; only orthogonal maps are supported, because paths and distances are computed on square tiles (Map > Map Properties > Orientation)"
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
        var starts: [Bool] = []
        func markStarts(_ tiles: [Int], where isStart: (Int) -> Bool) {
            for (index, tile) in tiles.enumerated() where tile != 0 && isStart(tile) {
                if starts.isEmpty { starts = [Bool](repeating: false, count: blocked.count) }
                starts[index] = true
            }
        }
        var visible: [MapGeometry.TileLayer] = []
        for layer in layers.tileLayers where layer.blocks || layer.isShown || layer.isStart {
            let tiles = try layers.tiles(of: layer, in: bounds)
            if layer.blocks {
                for (index, tile) in tiles.enumerated() where tile != 0 { blocked[index] = true }
            } else if layer.isShown, !tilesets.walls.isEmpty {
                for (index, tile) in tiles.enumerated() where tilesets.walls.contains(tile) { blocked[index] = true }
            }
            if layer.isStart {
                markStarts(tiles) { _ in true }
            } else if layer.isShown, !tilesets.starts.isEmpty {
                markStarts(tiles, where: tilesets.starts.contains)
            }
            if layer.isShown {
                visible.append(
                    MapGeometry.TileLayer(
                        name: layer.name, tiles: tiles, offsetX: layer.restX, offsetY: layer.restY))
            }
        }
        let grid = TiledGrid(bounds: bounds, tileWidth: tileWidth, tileHeight: tileHeight)
        let spawns = try TiledSpawns(grid: grid, tilesets: tilesets, files: files).spawns(layers.objects, note: note)
        return MapGeometry(
            id: id, name: name, originX: bounds.x, originY: bounds.y, width: bounds.width, height: bounds.height,
            tileWidth: tileWidth, tileHeight: tileHeight, blocked: blocked, starts: starts, layers: visible,
            tileProperties: tilesets.properties, spawns: spawns, properties: try map.properties())
    }

    /// Parses JSON, also after a byte order mark; a mistake has the line and column.
    static func json(_ source: [UInt8], file: String? = nil) throws(Mistake) -> JSON {
        let source = try withoutMark(source, file: file)
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

    /// The text without the byte order mark that some editors put before it.
    ///
    /// - Throws: A mistake for the marks of UTF-16.
    static func withoutMark(_ source: [UInt8], file: String? = nil) throws(Mistake) -> [UInt8] {
        if source.starts(with: [0xFF, 0xFE]) || source.starts(with: [0xFE, 0xFF]) {
            throw Mistake("UTF-16, not UTF-8; save it as UTF-8", file: file, line: 1)
        }
        return source.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(source[3...]) : source
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
