import Glibc
import JSONValues
import World

/// Converts pixels to tiles: the map's bounds and the size of its tiles in pixels.
struct TiledGrid {
    var bounds: TiledBounds
    var tileWidth: Int
    var tileHeight: Int

    /// The tile at a point; pixels of a file are below 1e9 and its tiles at least one pixel wide, so it fits `Int`.
    func tile(_ x: Double, _ y: Double) -> (column: Int, row: Int) {
        (Int((x / Double(tileWidth)).rounded(.down)), Int((y / Double(tileHeight)).rounded(.down)))
    }

    /// The tiles of the map that a box covers, at least one; `nil` when it is outside the map.
    func part(_ box: TiledArea.Box) -> TiledBounds? {
        let (left, top) = tile(box.left, box.top)
        let right = max(Int((box.right / Double(tileWidth)).rounded(.up)), left + 1)
        let bottom = max(Int((box.bottom / Double(tileHeight)).rounded(.up)), top + 1)
        let (x, y) = (max(left, bounds.x), max(top, bounds.y))
        let (endX, endY) = (min(right, bounds.x + bounds.width), min(bottom, bounds.y + bounds.height))
        guard x < endX, y < endY else { return nil }
        return TiledBounds(x: x, y: y, width: endX - x, height: endY - y)
    }

    /// The tile of a part of the map that is nearest to the upper left corner of a box.
    func nearest(_ box: TiledArea.Box, in part: TiledBounds) -> TiledBounds {
        let (column, row) = tile(box.left, box.top)
        return TiledBounds(
            x: min(max(column, part.x), part.x + part.width - 1), y: min(max(row, part.y), part.y + part.height - 1),
            width: 1, height: 1)
    }
}

/// Reads the objects of a map's object layers as the places where entities spawn.
struct TiledSpawns {
    let grid: TiledGrid
    let tilesets: TiledTilesets
    let files: TiledFiles
    private var templates: [String: Template] = [:]

    /// A template's file, read once for all its instances.
    private struct Template {
        var object: TiledObject
        /// The tileset and the tile of the template's object, if it is a tile object.
        var tile: (tileset: TiledTilesets.Tileset, tile: TiledTilesets.Tile?)?
    }

    init(grid: TiledGrid, tilesets: TiledTilesets, files: TiledFiles) {
        self.grid = grid
        self.tilesets = tilesets
        self.files = files
    }

    consuming func spawns(
        _ objects: [TiledLayers.PlacedObject], note: (String) -> Void
    ) throws(TiledMap.Mistake) -> [MapGeometry.SpawnPoint] {
        var reader = self
        var spawns: [MapGeometry.SpawnPoint] = []
        var ids: Set<Int> = []
        for placed in objects {
            let id = try placed.json.whole("id", in: 0...Int(Int32.max))
            guard ids.insert(id).inserted else {
                throw TiledMap.Mistake("two objects have the id \(id); export the map from Tiled again")
            }
            if let spawn = try reader.spawn(placed, id: id, note: note) { spawns.append(spawn) }
        }
        return spawns
    }

    /// - Returns: The spawn point; `nil` for an object without a class, which is a note by the map's author.
    private mutating func spawn(
        _ placed: TiledLayers.PlacedObject, id: Int, note: (String) -> Void
    ) throws(TiledMap.Mistake) -> MapGeometry.SpawnPoint? {
        let (object, tile, properties) = try complete(placed.json)
        let name = try object.text("name", default: "")
        let label = name.isEmpty ? "object \(id)" : "object \(id) \"\(name)\""
        var kindName = try object.className()
        if kindName.isEmpty, let className = tile?.tile?.className { kindName = className }
        guard let kind = EntityKind(name: kindName) else {
            let allowed = EntityKind.allCases.map(\.name).joined(separator: ", ")
            if kindName.isEmpty {
                if object.members["text"] == nil {
                    note("\(label) has no class, so nothing comes of it; to make it count give it one of \(allowed)")
                }
                return nil
            }
            var mistake = TiledMap.Mistake("\(label) has the class \"\(kindName)\"; allowed are \(allowed)")
            mistake.unknownKind = kindName
            throw mistake
        }
        let area = try TiledArea(
            object, alignment: tile?.tileset.alignment, offsetX: placed.offsetX, offsetY: placed.offsetY)
        // A tile object stands at its foot, however tall its picture is; an area for players keeps its whole box.
        let covered = area.foot.flatMap { kind == .players ? nil : $0 } ?? area.box
        guard let part = grid.part(covered) ?? grid.part(area.box).map({ grid.nearest(covered, in: $0) }) else {
            let (column, row) = grid.tile(covered.left, covered.top)
            throw TiledMap.Mistake("\(label) stands outside the map, at tile \(column), \(row); move it")
        }
        return MapGeometry.SpawnPoint(
            id: id, kind: kind, name: name, x: Double(part.x), y: Double(part.y), width: Double(part.width),
            height: Double(part.height), properties: properties)
    }

    /// An object completed with its template's values and its tile's properties; the object's own values have priority.
    private mutating func complete(
        _ instance: TiledObject
    ) throws(TiledMap.Mistake) -> (
        object: TiledObject, tile: (tileset: TiledTilesets.Tileset, tile: TiledTilesets.Tile?)?, properties: JSONObject
    ) {
        var members = instance.members
        var tile: (tileset: TiledTilesets.Tileset, tile: TiledTilesets.Tile?)?
        var inherited = JSONObject()
        let source = try instance.text("template", default: "")
        if !source.isEmpty {
            let template = try template(source)
            for (key, value) in template.object.members.members where key != "id" && members[key] == nil {
                members[key] = value
            }
            inherited = try template.object.properties()
            tile = template.tile
        }
        if let gid = instance.members["gid"]?.number, let whole = UInt32(exactly: gid) {
            tile = tilesets.find(TiledData.withoutFlips(whole))
        }
        var properties = JSONObject()
        // A tile's properties describe its picture; they are the entity's only if the tile's class is an entity type.
        if let of = tile?.tile, EntityKind(name: of.className) != nil {
            for (key, value) in of.properties.members where key != "walkable" && key != "spawn" {
                properties[key] = value
            }
        }
        for (key, value) in inherited.members { properties[key] = value }
        for (key, value) in try instance.properties().members { properties[key] = value }
        return (try TiledObject(.object(members), instance.what), tile, properties)
    }

    private mutating func template(_ source: String) throws(TiledMap.Mistake) -> Template {
        if let known = templates[source] { return known }
        let loaded = try files.load(source, as: "template")
        do throws(TiledMap.Mistake) {
            guard let object = loaded.content.members["object"] else { throw TiledMap.Mistake("it holds no object") }
            var template = Template(object: try TiledObject(object, "the object of template \(source)"))
            if let gid = template.object.members["gid"]?.number, let whole = UInt32(exactly: gid) {
                let own = try TiledTilesets(loaded.content, key: "tileset", files: files, folder: loaded.folder)
                template.tile = own.find(TiledData.withoutFlips(whole))
            }
            templates[source] = template
            return template
        } catch {
            throw TiledMap.Mistake(
                error.message, file: error.file ?? loaded.file, line: error.line, column: error.column)
        }
    }
}
