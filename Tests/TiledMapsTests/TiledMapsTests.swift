import JSONValues
import Testing
import World

@testable import TiledMaps

@Suite("Tiled files are read from bytes, without a file system") struct TiledMapsTests {
    private static let map = """
        {"type":"map","orientation":"orthogonal","width":2,"height":2,"tilewidth":16,"tileheight":16,
         "tilesets":[{"firstgid":1,"source":"sets/walls.tsx"}],
         "layers":[{"type":"tilelayer","name":"ground","width":2,"height":2,"data":[1,2,0,0]},
          {"type":"objectgroup","name":"things","objects":[{"id":7,"x":16,"y":16,"template":"sets/goblin.tx"}]}]}
        """
    private static let files = [
        "sets/walls.tsx": """
        <tileset><tile id="0"><properties><property name="walkable" type="bool" value="false"/></properties></tile></tileset>
        """,
        "sets/goblin.tx": """
        <template><object type="enemys" name="Gob"><properties><property name="prefab" value="goblin"/></properties></object></template>
        """,
    ]

    @Test("a map gets the files that it names from its reader")
    func readerIsAsked() throws {
        var asked: [String] = []
        let map = try TiledMap.geometry(Array(Self.map.utf8), id: 4, name: "field") { path in
            asked.append(path)
            return Self.files[path].map { Array($0.utf8) }
        }
        #expect(asked == ["sets/walls.tsx", "sets/goblin.tx"])
        #expect(
            map
                == MapGeometry(
                    id: 4, name: "field", width: 2, height: 2, tileWidth: 16, tileHeight: 16,
                    blocked: [true, false, false, false], layers: [.init(name: "ground", tiles: [1, 2, 0, 0])],
                    tileProperties: [1: ["walkable": .bool(false)]],
                    spawns: [
                        .init(id: 7, kind: .enemys, name: "Gob", x: 1, y: 1, properties: ["prefab": .string("goblin")])
                    ]))
    }

    @Test(
        "a path that leaves the folder of the maps is refused before it is read",
        arguments: ["../walls.tsx", "/etc/walls.tsx", "sets/../../walls.tsx", "C:/walls.tsx", "sets\\\\walls.tsx"])
    func outside(path: String) {
        let map = Self.map.replacing("sets/walls.tsx", with: path)
        let mistake = #expect(throws: TiledMap.Mistake.self) {
            try TiledMap.geometry(Array(map.utf8), id: 4, name: "field") { path in
                Issue.record("\(path) was read")
                return nil
            }
        }
        #expect(mistake?.message.contains("is outside maps/") == true)
    }

    @Test("a mistake has its file; a class that is not a kind of entity is named")
    func mistakes() {
        func mistake(_ files: [String: String]) -> TiledMap.Mistake? {
            #expect(throws: TiledMap.Mistake.self) {
                try TiledMap.geometry(Array(Self.map.utf8), id: 4, name: "field") { files[$0].map { Array($0.utf8) } }
            }
        }
        var files = Self.files
        files["sets/walls.tsx"] = "<tileset>\n<tile"
        #expect(mistake(files)?.file == "maps/sets/walls.tsx")
        #expect(mistake(files)?.line == 2)
        files = Self.files
        files["sets/goblin.tx"] = files["sets/goblin.tx"]?.replacing("enemys", with: "enemies")
        #expect(mistake(files)?.unknownKind == "enemies")
        #expect(
            mistake(files)?.message
                == "object 7 \"Gob\" has the class \"enemies\"; allowed are players, enemys, animals, objects")
    }

    @Test("maps of a world that touch with whole edges are neighbours; each pair is found once")
    func world() throws {
        let maps = [
            MapGeometry(id: 1, name: "a", width: 2, height: 3), MapGeometry(id: 2, name: "b", width: 4, height: 3),
            MapGeometry(id: 3, name: "c", width: 2, height: 1),
        ]
        let text = """
            {"maps":[{"fileName":"1-a.tmx","x":0,"y":0},{"fileName":"2-b.tmx","x":64,"y":0},{"fileName":"3-c.tmx","x":0,"y":96}]}
            """
        let paths = [1: "maps/1-a.tmj", 2: "maps/2-b.tmj", 3: "maps/3-c.tmj"]
        let touches = try TiledWorld.touchingMaps(
            Array(text.utf8), maps: maps, paths: paths, file: "maps/all.world")
        #expect(
            touches == [.init(map: 1, side: .right, neighbour: 2), .init(map: 1, side: .down, neighbour: 3)])
    }
}
