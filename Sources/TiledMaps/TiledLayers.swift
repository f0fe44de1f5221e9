import JSONValues

/// The layers of a map in drawing order, including the layers inside groups.
struct TiledLayers {
    /// A tile layer, not unpacked yet.
    struct TileLayer {
        var name: String
        /// Whether every tile on it blocks, visible or not: the layer is named `collision`, or has the bool property
        /// `walkable` = false.
        var blocks: Bool
        /// Whether new players appear on its tiles, visible or not: it has the bool property `spawn` = true.
        var isStart: Bool
        /// Whether clients get the layer.
        var isShown: Bool
        /// How many whole tiles the layer is moved to the right (`columns`) and down (`rows`).
        var columns: Int
        var rows: Int
        /// The rest of the layer's offset in pixels, at most half a tile in each direction.
        var restX: Double
        var restY: Double
        var json: TiledObject
    }

    /// An object, and its layer's offset in pixels.
    struct PlacedObject {
        var json: TiledObject
        var offsetX: Double
        var offsetY: Double
    }

    let isInfinite: Bool
    private let tileWidth: Double
    private let tileHeight: Double
    private(set) var tileLayers: [TileLayer] = []
    private(set) var objects: [PlacedObject] = []
    private var count = 0

    init(isInfinite: Bool, _ tileWidth: Int, _ tileHeight: Int) {
        self.isInfinite = isInfinite
        self.tileWidth = Double(tileWidth)
        self.tileHeight = Double(tileHeight)
    }

    /// What a layer inherits from the groups that it is in.
    private struct Group {
        var isVisible = true
        var offsetX = 0.0
        var offsetY = 0.0
        var depth = 0
    }

    /// Collects the tile layers and objects of a map.
    mutating func collect(_ map: TiledObject) throws(TiledMap.Mistake) { try collect(map, in: Group()) }

    private mutating func collect(_ parent: TiledObject, in group: Group) throws(TiledMap.Mistake) {
        guard group.depth <= TiledMap.maxGroupDepth else {
            throw TiledMap.Mistake("layers are grouped deeper than \(TiledMap.maxGroupDepth) levels")
        }
        for element in try parent.list("layers") {
            count += 1
            guard count <= TiledMap.maxLayers else {
                throw TiledMap.Mistake("more than \(TiledMap.maxLayers) layers; merge some")
            }
            let unnamed = try TiledObject(element, "a layer")
            let name = try unnamed.text("name", default: "")
            let layer = try TiledObject(element, "layer \"\(name)\"")
            let isShown = try layer.flag("visible", default: true)
            let inner = Group(
                isVisible: group.isVisible && isShown,
                offsetX: group.offsetX + (try layer.number("offsetx", default: 0)),
                offsetY: group.offsetY + (try layer.number("offsety", default: 0)), depth: group.depth + 1)
            switch try layer.text("type", default: "") {
            case "tilelayer": tileLayers.append(try tileLayer(layer, name: name, in: inner))
            case "group": try collect(layer, in: inner)
            case "imagelayer": break
            case "objectgroup":
                for object in try layer.list("objects") {
                    guard objects.count < TiledMap.maxObjects else {
                        throw TiledMap.Mistake("more than \(TiledMap.maxObjects) objects; remove some")
                    }
                    objects.append(
                        PlacedObject(
                            json: try TiledObject(object, "an object on layer \"\(name)\""), offsetX: inner.offsetX,
                            offsetY: inner.offsetY))
                }
            default: throw layer.wrong("type", "tilelayer, objectgroup, imagelayer or group")
            }
        }
    }

    private func tileLayer(
        _ layer: TiledObject, name: String, in group: Group
    ) throws(TiledMap.Mistake) -> TileLayer {
        let isCollision = name.lowercased() == "collision"
        let columns = (group.offsetX / tileWidth).rounded()
        let rows = (group.offsetY / tileHeight).rounded()
        let blocks = try layer.flagProperty("walkable") == false
        let isStart = try layer.flagProperty("spawn") == true
        // `Int(_:)` can't overflow: each offset in the file is below 1e9, and at most `maxGroupDepth` groups add up.
        return TileLayer(
            name: name, blocks: isCollision || blocks, isStart: isStart, isShown: group.isVisible && !isCollision,
            columns: Int(columns), rows: Int(rows), restX: group.offsetX - columns * tileWidth,
            restY: group.offsetY - rows * tileHeight,
            json: layer)
    }

    /// The rectangle of tiles that the map covers: its size, or for an infinite map the rectangle around its chunks.
    func bounds(of map: TiledObject) throws(TiledMap.Mistake) -> TiledBounds {
        guard isInfinite else {
            let sides = 0...Int(Int32.max)
            let bounds = try TiledBounds(
                x: 0, y: 0, width: map.whole("width", in: sides), height: map.whole("height", in: sides)
            ).checked()
            try check(tiles: bounds.width * bounds.height * tileLayers.count)
            return bounds
        }
        var corners: (left: Int, top: Int, right: Int, bottom: Int)?
        var (chunks, tiles) = (0, 0)
        for layer in tileLayers {
            for chunk in try layer.json.list("chunks") {
                let area = try Self.area(of: chunk, layer)
                chunks += 1
                tiles += area.width * area.height
                guard chunks <= TiledMap.maxChunks else {
                    throw TiledMap.Mistake("more than \(TiledMap.maxChunks) chunks; make the map smaller")
                }
                try check(tiles: tiles)
                let old = corners ?? (area.x, area.y, area.x, area.y)
                corners = (
                    min(old.left, area.x), min(old.top, area.y), max(old.right, area.x + area.width),
                    max(old.bottom, area.y + area.height)
                )
            }
        }
        guard let corners else { throw TiledMap.Mistake("the map has no tiles; draw some") }
        let bounds = try TiledBounds(
            x: corners.left, y: corners.top, width: corners.right - corners.left, height: corners.bottom - corners.top
        ).checked()
        try check(tiles: bounds.width * bounds.height * tileLayers.count)
        return bounds
    }

    private func check(tiles: Int) throws(TiledMap.Mistake) {
        guard tiles <= TiledMap.maxTiles else {
            throw TiledMap.Mistake(
                "\(tileLayers.count) tile layers hold \(tiles) tiles; a map may have \(TiledMap.maxTiles) in all its layers"
            )
        }
    }

    /// The rectangle of tiles that a chunk covers, after its layer's offset.
    private static func area(of chunk: JSON, _ layer: TileLayer) throws(TiledMap.Mistake) -> TiledBounds {
        let chunk = try TiledObject(chunk, "a chunk of layer \"\(layer.name)\"")
        let places = -1_000_000_000...1_000_000_000
        return try TiledBounds(
            x: chunk.whole("x", in: places) + layer.columns, y: chunk.whole("y", in: places) + layer.rows,
            width: chunk.whole("width", in: 1...TiledMap.maxSide),
            height: chunk.whole("height", in: 1...TiledMap.maxSide))
    }

    /// A layer's global tile ids, row by row over the map's bounds, without the bits that rotate and mirror a tile.
    func tiles(of layer: TileLayer, in bounds: TiledBounds) throws(TiledMap.Mistake) -> [Int] {
        guard isInfinite else {
            for (key, side) in [("width", bounds.width), ("height", bounds.height)]
            where try layer.json.whole(key, in: 0...Int(Int32.max)) != side {
                throw layer.json.wrong(key, "\(side), as the map's")
            }
            let tiles = try TiledData.tiles(of: layer.json, packing: layer.json, count: bounds.width * bounds.height)
            return Self.moved(tiles, by: layer, in: bounds)
        }
        var tiles = [Int](repeating: 0, count: bounds.width * bounds.height)
        for element in try layer.json.list("chunks") {
            let area = try Self.area(of: element, layer)
            let chunk = try TiledObject(element, "the chunk at \(area.x), \(area.y) of layer \"\(layer.name)\"")
            let part = try TiledData.tiles(of: chunk, packing: layer.json, count: area.width * area.height)
            for row in 0..<area.height {
                let start = (area.y - bounds.y + row) * bounds.width + area.x - bounds.x
                tiles.replaceSubrange(
                    start..<start + area.width, with: part[row * area.width..<(row + 1) * area.width])
            }
        }
        return tiles
    }

    /// Moves a layer's tiles by its whole-tile offset; tiles that leave the map are dropped.
    private static func moved(_ tiles: [Int], by layer: TileLayer, in bounds: TiledBounds) -> [Int] {
        if layer.columns == 0, layer.rows == 0 { return tiles }
        var moved = [Int](repeating: 0, count: tiles.count)
        for (index, tile) in tiles.enumerated() where tile != 0 {
            let column = index % bounds.width + layer.columns
            let row = index / bounds.width + layer.rows
            if (0..<bounds.width).contains(column), (0..<bounds.height).contains(row) {
                moved[row * bounds.width + column] = tile
            }
        }
        return moved
    }
}
