import Glibc
import JSONValues
import World

/// Converts pixels to tiles: the map's bounds and the size of its tiles in pixels.
struct TiledGrid {
    var bounds: TiledBounds
    var tileWidth: Int
    var tileHeight: Int
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
        _ objects: [TiledLayers.PlacedObject]
    ) throws(TiledMap.Mistake) -> [MapGeometry.SpawnPoint] {
        var reader = self
        var spawns: [MapGeometry.SpawnPoint] = []
        var ids: Set<Int> = []
        for placed in objects {
            let id = try placed.json.whole("id", in: 0...Int(Int32.max))
            guard ids.insert(id).inserted else {
                throw TiledMap.Mistake("two objects have the id \(id); export the map from Tiled again")
            }
            if let spawn = try reader.spawn(placed, id: id) { spawns.append(spawn) }
        }
        return spawns
    }

    /// - Returns: The spawn point; `nil` for a text object without a class, which is a note by the map's author.
    private mutating func spawn(
        _ placed: TiledLayers.PlacedObject, id: Int
    ) throws(TiledMap.Mistake) -> MapGeometry.SpawnPoint? {
        let (object, tile, properties) = try complete(placed.json)
        let name = try object.text("name", default: "")
        let label = name.isEmpty ? "object \(id)" : "object \(id) \"\(name)\""
        var kindName = try object.className()
        if kindName.isEmpty, let className = tile?.tile?.className { kindName = className }
        guard let kind = EntityKind(name: kindName) else {
            if kindName.isEmpty, object.members["text"] != nil { return nil }
            let allowed = EntityKind.allCases.map(\.name).joined(separator: ", ")
            var mistake = TiledMap.Mistake("\(label) has the class \"\(kindName)\"; allowed are \(allowed)")
            mistake.unknownKind = kindName
            throw mistake
        }
        let area = try TiledArea(
            object, alignment: tile?.tileset.alignment, offsetX: placed.offsetX, offsetY: placed.offsetY)
        // A tile object stands at its foot, however tall its picture is; an area for players keeps its whole box.
        let covered = area.foot.flatMap { kind == .players ? nil : $0 } ?? area.box
        let (tileWidth, tileHeight) = (Double(grid.tileWidth), Double(grid.tileHeight))
        let column = (covered.left / tileWidth).rounded(.down)
        let row = (covered.top / tileHeight).rounded(.down)
        let bounds = grid.bounds
        guard column >= Double(bounds.x), column < Double(bounds.x + bounds.width), row >= Double(bounds.y),
            row < Double(bounds.y + bounds.height)
        else { throw TiledMap.Mistake("\(label) stands outside the map, at tile \(Int(column)), \(Int(row)); move it") }
        return MapGeometry.SpawnPoint(
            id: id, kind: kind, name: name, x: column, y: row,
            width: max(1, min((covered.right / tileWidth).rounded(.up), Double(bounds.x + bounds.width)) - column),
            height: max(1, min((covered.bottom / tileHeight).rounded(.up), Double(bounds.y + bounds.height)) - row),
            properties: properties)
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
            for (key, value) in of.properties.members where key != "walkable" { properties[key] = value }
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
