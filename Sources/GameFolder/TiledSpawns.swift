import World

/// How pixels become tiles.
struct TiledGrid {
    var bounds: TiledBounds
    var tileWidth: Int
    var tileHeight: Int
}

/// The objects of a map's object layers, as places where entities begin.
enum TiledSpawns {
    static func spawns(
        _ objects: [TiledObject], on grid: TiledGrid
    ) throws(TiledMap.Mistake) -> [MapGeometry.SpawnPoint] {
        var spawns: [MapGeometry.SpawnPoint] = []
        var ids: Set<Int> = []
        for object in objects {
            let id = try object.whole("id", in: 0...Int(Int32.max))
            guard ids.insert(id).inserted else {
                throw TiledMap.Mistake("two objects have the id \(id); export the map from Tiled again")
            }
            spawns.append(try spawn(object, id: id, on: grid))
        }
        return spawns
    }

    private static func spawn(
        _ object: TiledObject, id: Int, on grid: TiledGrid
    ) throws(TiledMap.Mistake) -> MapGeometry.SpawnPoint {
        let name = try object.text("name", default: "")
        let label = name.isEmpty ? "object \(id)" : "object \(id) \"\(name)\""
        guard object.members["template"] == nil else {
            throw TiledMap.Mistake("\(label) comes from a template; detach it in Tiled (Map > Detach Template)")
        }
        // Tiled 1.9 wrote `class` where versions before and after it write `type`.
        let type = try object.text("type", default: "")
        let kindName = try type.isEmpty ? object.text("class", default: "") : type
        guard let kind = EntityKind(name: kindName) else {
            throw TiledMap.Mistake("\(label) has the class \"\(kindName)\"; allowed are \(Names.kinds)")
        }
        let area = try pixels(object)
        let (tileWidth, tileHeight) = (Double(grid.tileWidth), Double(grid.tileHeight))
        let column = (area.x / tileWidth).rounded(.down)
        let row = (area.y / tileHeight).rounded(.down)
        let bounds = grid.bounds
        guard column >= Double(bounds.x), column < Double(bounds.x + bounds.width), row >= Double(bounds.y),
            row < Double(bounds.y + bounds.height)
        else { throw TiledMap.Mistake("\(label) stands outside the map, at tile \(Int(column)), \(Int(row)); move it") }
        return MapGeometry.SpawnPoint(
            id: id, kind: kind, name: name, x: column, y: row,
            width: max(1, ((area.x + area.width) / tileWidth).rounded(.up) - column),
            height: max(1, ((area.y + area.height) / tileHeight).rounded(.up) - row),
            properties: try object.properties())
    }

    /// What an object covers, in pixels from the map's origin.
    private static func pixels(
        _ object: TiledObject
    ) throws(TiledMap.Mistake) -> (x: Double, y: Double, width: Double, height: Double) {
        let x = try object.number("x")
        let y = try object.number("y")
        let width = try max(0, object.number("width", default: 0))
        let height = try max(0, object.number("height", default: 0))
        // A tile object hangs on its lower left corner, everything else on its upper left one.
        if object.members["gid"] != nil { return (x, y - height, width, height) }
        let corners = try object.list("polygon") + object.list("polyline")
        guard !corners.isEmpty else { return (x, y, width, height) }
        var (left, top, right, bottom) = (Double.infinity, Double.infinity, -Double.infinity, -Double.infinity)
        for corner in corners {
            let corner = try TiledObject(corner, "a corner of \(object.what)")
            let (cornerX, cornerY) = try (corner.number("x"), corner.number("y"))
            left = min(left, cornerX)
            right = max(right, cornerX)
            top = min(top, cornerY)
            bottom = max(bottom, cornerY)
        }
        return (x + left, y + top, right - left, bottom - top)
    }
}
