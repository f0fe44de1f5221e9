import FoundationEssentials
import World

/// The layers of a map, those inside groups included, in drawing order.
struct TiledLayers {
    /// A tile layer, not unpacked yet.
    struct TileLayer {
        var name: String
        var isVisible: Bool
        var json: TiledObject
        /// The layer named `collision`: any tile on it blocks, and it is never shown.
        var isCollision: Bool { name.lowercased() == "collision" }
    }

    let isInfinite: Bool
    private(set) var tileLayers: [TileLayer] = []
    private(set) var objects: [TiledObject] = []

    init(isInfinite: Bool) { self.isInfinite = isInfinite }

    /// Takes the layers of a map or of a group.
    mutating func collect(_ parent: TiledObject, isVisible: Bool, depth: Int) throws(TiledMap.Mistake) {
        guard depth <= 16 else { throw TiledMap.Mistake("layers are grouped deeper than 16 levels") }
        for element in try parent.list("layers") {
            let unnamed = try TiledObject(element, "a layer")
            let name = try unnamed.text("name", default: "")
            let layer = try TiledObject(element, "layer \"\(name)\"")
            let isShown = try layer.flag("visible", default: true)
            let isVisible = isVisible && isShown
            switch try layer.text("type", default: "") {
            case "tilelayer": tileLayers.append(TileLayer(name: name, isVisible: isVisible, json: layer))
            case "group": try collect(layer, isVisible: isVisible, depth: depth + 1)
            case "imagelayer": break
            case "objectgroup":
                for object in try layer.list("objects") {
                    objects.append(try TiledObject(object, "an object on layer \"\(name)\""))
                }
            default: throw layer.wrong("type", "tilelayer, objectgroup, imagelayer or group")
            }
        }
    }

    /// The tiles that the map covers: its size, or on an infinite map what its chunks cover.
    func bounds(of map: TiledObject) throws(TiledMap.Mistake) -> TiledBounds {
        guard isInfinite else {
            let sides = 0...Int(Int32.max)
            return try TiledBounds(
                x: 0, y: 0, width: map.whole("width", in: sides), height: map.whole("height", in: sides)
            ).checked()
        }
        var corners: (left: Int, top: Int, right: Int, bottom: Int)?
        for layer in tileLayers {
            for chunk in try layer.json.list("chunks") {
                let area = try Self.area(of: chunk, layer.name)
                let old = corners ?? (area.x, area.y, area.x, area.y)
                corners = (
                    min(old.left, area.x), min(old.top, area.y), max(old.right, area.x + area.width),
                    max(old.bottom, area.y + area.height)
                )
            }
        }
        guard let corners else { throw TiledMap.Mistake("the map has no tiles; draw some") }
        return try TiledBounds(
            x: corners.left, y: corners.top, width: corners.right - corners.left, height: corners.bottom - corners.top
        ).checked()
    }

    private static func area(of chunk: JSON, _ layer: String) throws(TiledMap.Mistake) -> TiledBounds {
        let chunk = try TiledObject(chunk, "a chunk of layer \"\(layer)\"")
        let places = -1_000_000_000...1_000_000_000
        return try TiledBounds(
            x: chunk.whole("x", in: places), y: chunk.whole("y", in: places),
            width: chunk.whole("width", in: 1...TiledMap.maxSide),
            height: chunk.whole("height", in: 1...TiledMap.maxSide))
    }

    /// A layer's global tile ids, row-major over the map's bounds, without the bits that turn and mirror a tile.
    func tiles(of layer: TileLayer, in bounds: TiledBounds) throws(TiledMap.Mistake) -> [Int] {
        guard isInfinite else {
            for (key, side) in [("width", bounds.width), ("height", bounds.height)]
            where try layer.json.whole(key, in: 0...Int(Int32.max)) != side {
                throw layer.json.wrong(key, "\(side), as the map's")
            }
            return try data(of: layer.json, packing: layer.json, count: bounds.width * bounds.height)
        }
        var tiles = [Int](repeating: 0, count: bounds.width * bounds.height)
        for element in try layer.json.list("chunks") {
            let area = try Self.area(of: element, layer.name)
            let chunk = try TiledObject(element, "the chunk at \(area.x), \(area.y) of layer \"\(layer.name)\"")
            let part = try data(of: chunk, packing: layer.json, count: area.width * area.height)
            for row in 0..<area.height {
                let start = (area.y - bounds.y + row) * bounds.width + area.x - bounds.x
                tiles.replaceSubrange(
                    start..<start + area.width, with: part[row * area.width..<(row + 1) * area.width])
            }
        }
        return tiles
    }

    /// Unpacks the `data` of `holder`, a layer or a chunk, as `layer` says; there must be `count` tiles.
    private func data(
        of holder: TiledObject, packing layer: TiledObject, count: Int
    ) throws(TiledMap.Mistake) -> [Int] {
        switch holder.members["data"] {
        case .array(let elements):
            guard elements.count == count else {
                throw TiledMap.Mistake("\(holder.what) has \(elements.count) tiles; it must have \(count)")
            }
            var tiles: [Int] = []
            tiles.reserveCapacity(count)
            for element in elements {
                guard case .number(let number) = element, let tile = UInt32(exactly: number) else {
                    throw TiledMap.Mistake("\(holder.what) holds \(element.text), which is no tile number")
                }
                tiles.append(Self.withoutFlips(tile))
            }
            return tiles
        case .string(let text):
            let bytes = try unpacked(text, of: holder, layer: layer, expected: count * 4)
            return (0..<count).map { index in
                let at = index * 4
                let tile =
                    UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8 | UInt32(bytes[at + 2]) << 16 | UInt32(bytes[at + 3])
                    << 24
                return Self.withoutFlips(tile)
            }
        default:
            throw holder.wrong("data", "an array of tile numbers, or base64 text")
        }
    }

    private func unpacked(
        _ text: String, of holder: TiledObject, layer: TiledObject, expected: Int
    ) throws(TiledMap.Mistake) -> [UInt8] {
        guard try layer.text("encoding", default: "") == "base64" else {
            throw layer.wrong("encoding", "\"base64\" for data that is text")
        }
        guard let packed = Data(base64Encoded: Data(text.utf8.filter { $0 > 0x20 })) else {
            throw TiledMap.Mistake("the data of \(holder.what) is no base64; export the map from Tiled again")
        }
        switch try layer.text("compression", default: "") {
        case "":
            guard packed.count == expected else {
                throw TiledMap.Mistake(
                    "\(holder.what) has \(packed.count) bytes of tile data; it must have \(expected)")
            }
            return Array(packed)
        case "zlib", "gzip":
            guard let bytes = inflated(Array(packed), expected: expected) else {
                throw TiledMap.Mistake(
                    "the packed data of \(holder.what) is damaged, or is not \(expected) bytes; export the map again")
            }
            return bytes
        default:
            throw layer.wrong("compression", "none, zlib or gzip (Map > Map Properties > Tile Layer Format)")
        }
    }

    /// The highest four bits mirror and turn a tile.
    private static func withoutFlips(_ tile: UInt32) -> Int { Int(tile & 0x0FFF_FFFF) }
}
