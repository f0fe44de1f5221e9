import World

/// The tilesets of a map: of interest are the properties of their tiles only.
enum TiledTilesets {
    /// Properties by global tile id, of tiles that have any.
    ///
    /// - Parameters:
    ///   - map: The map.
    ///   - external: Reads a tileset's file, by its path relative to the map.
    /// - Returns: Tiles without properties are absent.
    /// - Throws: The first mistake.
    static func properties(
        of map: TiledObject, external: (String) -> [UInt8]?
    ) throws(TiledMap.Mistake) -> [Int: JSONObject] {
        var found: [Int: JSONObject] = [:]
        for element in try map.list("tilesets") {
            let reference = try TiledObject(element, "a tileset")
            let first = try reference.whole("firstgid", in: 1...Int(Int32.max))
            let source = try reference.text("source", default: "")
            let tileset = source.isEmpty ? reference : try load(source, external: external)
            let name = try tileset.text("name", default: source)
            for tileElement in try tileset.list("tiles") {
                let tile = try TiledObject(tileElement, "a tile of tileset \(name)")
                let id = try tile.whole("id", in: 0...1 << 28)
                let properties = try tile.properties()
                if !properties.isEmpty { found[first + id] = properties }
            }
        }
        return found
    }

    private static func load(
        _ source: String, external: (String) -> [UInt8]?
    ) throws(TiledMap.Mistake) -> TiledObject {
        guard source.hasSuffix(".tsj") || source.hasSuffix(".json") else {
            throw TiledMap.Mistake(
                "the tileset \(source) can't be read; embed it in the map, or export it as .tsj beside the map")
        }
        // A map is data, maybe from somebody else: it names no files outside its folder.
        let parts = source.split(separator: "/", omittingEmptySubsequences: false)
        guard !source.hasPrefix("/"), !parts.contains(".."), !source.utf8.contains(0) else {
            throw TiledMap.Mistake("the tileset \(source) is outside maps/; put it beside the map")
        }
        guard let bytes = external(source) else {
            throw TiledMap.Mistake("the tileset \(source) is not there or too long; put it beside the map, or embed it")
        }
        return try TiledObject(try TiledMap.json(bytes, file: "maps/\(source)"), "the tileset \(source)")
    }
}
