import JSONValues

/// The tilesets of a map: the classes and properties of their tiles, without the pictures.
struct TiledTilesets {
    /// The class and the properties of one tile.
    struct Tile {
        var className: String
        var properties: JSONObject
    }

    /// The properties by global tile id, only of tiles that have any.
    private(set) var properties: [Int: JSONObject] = [:]
    /// Global ids of the tiles that block entities: those with the property `walkable` = false.
    private(set) var walls: Set<Int> = []
    /// Global ids of the tiles where new players appear: those with the property `spawn` = true.
    private(set) var starts: Set<Int> = []
    private var tilesets: [(first: Int, tileset: Tileset)] = []

    /// One tileset.
    struct Tileset {
        var tiles: [Int: Tile] = [:]
        /// Tiled's `objectalignment`: which point of the tile's picture lies at the position of an object of this tile.
        var alignment = ""
    }

    /// Reads the tilesets of a map, or of a template.
    init(
        _ holder: TiledObject, key: String = "tilesets", files: TiledFiles, folder: [Substring] = []
    ) throws(TiledMap.Mistake) {
        let references: [JSON] =
            switch holder.members[key] {
            case .object(let one): [.object(one)]
            default: try holder.list(key)
            }
        for element in references {
            let reference = try TiledObject(element, "a tileset")
            let first = try reference.whole("firstgid", in: 1...1 << 28)
            let source = try reference.text("source", default: "")
            if source.isEmpty {
                try add(reference, first: first, name: reference.text("name", default: ""))
                continue
            }
            let loaded = try files.load(source, from: folder, as: "tileset")
            do throws(TiledMap.Mistake) {
                try add(loaded.content, first: first, name: loaded.content.text("name", default: source))
            } catch {
                throw TiledMap.Mistake(error.message, file: loaded.file)
            }
        }
        tilesets.sort { $0.first < $1.first }
    }

    private mutating func add(_ content: TiledObject, first: Int, name: String) throws(TiledMap.Mistake) {
        var tileset = Tileset()
        tileset.alignment = try content.text("objectalignment", default: "")
        for element in try content.list("tiles") {
            let unnamed = try TiledObject(element, "a tile of tileset \(name)")
            let id = try unnamed.whole("id", in: 0...1 << 28)
            let tile = try TiledObject(element, "tile \(id) of tileset \(name)")
            let properties = try tile.properties()
            if !properties.isEmpty { self.properties[first + id] = properties }
            if try tile.flagProperty("walkable") == false { walls.insert(first + id) }
            if try tile.flagProperty("spawn") == true { starts.insert(first + id) }
            tileset.tiles[id] = Tile(className: try tile.className(), properties: properties)
        }
        tilesets.append((first, tileset))
    }

    /// The tileset that a global tile id belongs to, and the tile if the tileset lists it; `nil` when the id is lower
    /// than the first id of every tileset.
    func find(_ tile: Int) -> (tileset: Tileset, tile: Tile?)? {
        guard let owner = tilesets.last(where: { $0.first <= tile }) else { return nil }
        return (owner.tileset, owner.tileset.tiles[tile - owner.first])
    }
}
