import GameFolder
import JSONValues
import Testing
import World

/// A tile layer with its data as CSV.
private func layer(_ name: String, _ data: String, extra: String = "") -> String {
    """
    {"type":"tilelayer","name":"\(name)","width":2,"height":2,"x":0,"y":0,"opacity":1,"visible":true,"data":\(data)\(extra)}
    """
}

private func load(_ map: String, beside: [String: String] = [:]) throws -> (MapGeometry?, [GameFolderProblem]) {
    let folder = try ScratchFolder(["maps/4-forest.tmj": map])
    for (file, text) in beside { try folder.write(file, text) }
    let (game, problems) = try GameFolder.load(directory: folder.path)
    return (game.maps.first { $0.id == 4 }, problems)
}

@Suite("Tiled maps") struct TiledMapTests {
    @Test("number and name come from the file's name, the shape from its members")
    func shape() throws {
        let (map, problems) = try load(smallMap(layers: layer("ground", "[1,2,3,2147483649]")))
        #expect(problems == [])
        #expect(
            map
                == MapGeometry(
                    id: 4, name: "forest", width: 2, height: 2, tileWidth: 16, tileHeight: 16,
                    layers: [.init(name: "ground", tiles: [1, 2, 3, 1])]))
    }

    @Test(
        "tile data may be CSV, or base64 that is plain, zlib or gzip; the bits that mirror a tile are removed",
        arguments: [
            ("[1,2,3,2147483649]", ""), ("[1,2,3,4026531841]", ",\"encoding\":\"csv\""),
            ("\"AQAAAAIAAAADAAAAAQAAgA==\"", ",\"encoding\":\"base64\""),
            ("\"\\n   AQAAAAIAAAADAAAAAQAAgA==\\n\"", ",\"encoding\":\"base64\",\"compression\":\"\""),
            ("\"eJxjZGBgYAJiZiBmZGBoAAAA1ACI\"", ",\"encoding\":\"base64\",\"compression\":\"zlib\""),
            ("\"H4sIAAAAAAACA2NkYGBgAmJmIGZkYGgAAP2nY3UQAAAA\"", ",\"encoding\":\"base64\",\"compression\":\"gzip\""),
        ])
    func encodings(data: String, extra: String) throws {
        let (map, problems) = try load(smallMap(layers: layer("ground", data, extra: extra)))
        #expect(problems == [])
        #expect(map?.layers.map(\.tiles) == [[1, 2, 3, 1]])
    }

    @Test("any tile on a layer named collision blocks, and the layer is not shown")
    func collision() throws {
        let layers = layer("ground", "[1,1,1,1]") + "," + layer("Collision", "[0,9,0,0]", extra: ",\"visible\":false")
        let (map, _) = try load(smallMap(layers: layers.replacing("\"visible\":true,\"data\":[0", with: "\"data\":[0")))
        #expect(map?.blocked == [false, true, false, false])
        #expect(map?.layers.map(\.name) == ["ground"])
    }

    @Test("layers in groups count as if they stood alone, and hidden ones are not shown")
    func groups() throws {
        let hidden = layer("hidden", "[1,1,1,1]").replacing("\"visible\":true", with: "\"visible\":false")
        let inner = "{\"type\":\"group\",\"name\":\"g\",\"layers\":[\(layer("a", "[1,0,0,0]")),\(hidden)]}"
        let off = "{\"type\":\"group\",\"name\":\"off\",\"visible\":false,\"layers\":[\(layer("b", "[2,0,0,0]"))]}"
        let image = "{\"type\":\"imagelayer\",\"name\":\"sky\",\"image\":\"sky.png\"}"
        let tilesets =
            "\"tilesets\":[{\"firstgid\":1,\"tiles\":[{\"id\":0,\"properties\":[{\"name\":\"walkable\",\"type\":\"bool\",\"value\":false}]}]}]"
        let (map, problems) = try load(
            smallMap(layers: [inner, image, off, layer("c", "[0,0,0,3]")].joined(separator: ","), extra: tilesets))
        #expect(problems == [])
        #expect(map?.layers.map(\.name) == ["a", "c"])
        #expect(map?.blocked == [true, false, false, false], "the wall tiles of a hidden layer block nobody")
    }

    @Test("tiles with walkable = false block; all properties are kept by global tile id")
    func tileProperties() throws {
        let tiles = """
            [{"id":1,"properties":[{"name":"walkable","type":"bool","value":false},{"name":"damage","type":"int","value":2}]},
            {"id":2,"properties":[{"name":"walkable","type":"bool","value":true}]},{"id":3,"animation":[]}]
            """
        let embedded = "{\"firstgid\":1,\"name\":\"a\",\"tilewidth\":16,\"tiles\":\(tiles)}"
        let external = "{\"firstgid\":101,\"source\":\"sets/b.tsj\"}"
        let (map, problems) = try load(
            smallMap(
                layers: layer("ground", "[2,3,1,0]") + "," + layer("top", "[0,0,2147483750,0]"),
                extra: "\"tilesets\":[\(embedded),\(external)]"),
            beside: ["maps/sets/b.tsj": "{\"name\":\"b\",\"tiles\":\(tiles)}"])
        #expect(problems == [])
        #expect(map?.blocked == [true, false, true, false])
        #expect(map?.tileProperties.keys.sorted() == [2, 3, 102, 103])
        #expect(map?.tileProperties[102]?["damage"] == .number(2))
    }

    @Test("an infinite map covers what its chunks cover, and its origin may be negative")
    func infinite() throws {
        func chunk(_ x: Int, _ y: Int, _ data: String) -> String {
            "{\"x\":\(x),\"y\":\(y),\"width\":2,\"height\":2,\"data\":\(data)}"
        }
        let map = """
            {"type":"map","infinite":true,"width":0,"height":0,"tilewidth":16,"tileheight":8,"layers":[
            {"type":"tilelayer","name":"ground","chunks":[\(chunk(-2, 0, "[1,2,3,4]")),\(chunk(2, 2, "[5,6,7,8]"))]},
            {"type":"tilelayer","name":"packed","encoding":"base64","compression":"zlib","chunks":[\(chunk(0, 0, "\"eJxjZGBgYAJiZiBmZGBoAAAA1ACI\""))]},
            {"type":"tilelayer","name":"collision","chunks":[\(chunk(-2, 2, "[0,0,0,1]"))]},
            {"type":"objectgroup","name":"things","objects":[{"id":3,"type":"enemys","x":-17,"y":23.5,"point":true}]}]}
            """
        let (geometry, problems) = try load(map)
        #expect(problems == [])
        let found = try #require(geometry)
        #expect([found.originX, found.originY, found.width, found.height] == [-2, 0, 6, 4])
        #expect(
            found.layers.map(\.tiles) == [
                [1, 2, 0, 0, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 5, 6, 0, 0, 0, 0, 7, 8],
                [0, 0, 1, 2, 0, 0, 0, 0, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            ])
        #expect(found.blocked.indices.filter { found.blocked[$0] } == [19])
        #expect(found.spawns == [.init(id: 3, kind: .enemys, x: -2, y: 2)])
    }

    @Test("objects become spawns: points, rectangles, tiles, polygons, with type or class")
    func objects() throws {
        let objects = """
            {"id":1,"name":"a","type":"players","x":8,"y":8,"point":true,"rotation":0},
            {"id":2,"name":"b","class":"animals","x":0,"y":16,"width":32,"height":16},
            {"id":3,"name":"c","type":"objects","x":16,"y":16,"width":16,"height":16,"gid":7},
            {"id":4,"name":"d","type":"enemys","x":20,"y":20,"width":2,"height":2,"ellipse":true,"properties":[
              {"name":"prefab","type":"string","value":"goblin"},{"name":"hp","type":"int","value":7}]},
            {"id":5,"name":"e","type":"players","x":16,"y":16,"polygon":[{"x":0,"y":0},{"x":-16,"y":0},{"x":-16,"y":-16}]}
            """
        let layer = "{\"type\":\"objectgroup\",\"name\":\"things\",\"objects\":[\(objects)]}"
        let (map, problems) = try load(smallMap(layers: layer), beside: ["components/hp.lua": "--@type number"])
        #expect(problems == [])
        #expect(
            map?.spawns == [
                .init(id: 1, kind: .players, name: "a", x: 0, y: 0),
                .init(id: 2, kind: .animals, name: "b", x: 0, y: 1, width: 2),
                .init(id: 3, kind: .objects, name: "c", x: 1, y: 0),
                .init(
                    id: 4, kind: .enemys, name: "d", x: 1, y: 1,
                    properties: ["prefab": .string("goblin"), "hp": .number(7)]),
                .init(id: 5, kind: .players, name: "e", x: 0, y: 0),
            ])
    }

    @Test("a mistake is reported once and never ends the process", arguments: mistakes)
    func broken(map: String, says: String) throws {
        let (geometry, problems) = try load(map)
        #expect(geometry == nil)
        #expect(problems.count == 1)
        let problem = try #require(problems.first)
        #expect(problem.file == "maps/4-forest.tmj")
        #expect(problem.message.contains(says), "\(problem)")
    }

    @Test("text that is not JSON is reported with its line")
    func notJSON() throws {
        let (_, problems) = try load("{\"type\":\"map\",\n\"width\":2,\n\"height\" 2}")
        #expect(problems.map(\.line) == [3])
    }

    @Test("a tileset's mistake is reported at the tileset's file")
    func tilesetMistake() throws {
        let (_, problems) = try load(
            smallMap(extra: "\"tilesets\":[{\"firstgid\":1,\"source\":\"b.tsj\"}]"), beside: ["maps/b.tsj": "{\n]"])
        #expect(problems.map { "\($0.file):\($0.line ?? 0)" } == ["maps/b.tsj:2"])
    }

    static let mistakes: [(String, String)] = [
        ("[]", "is array"), ("{}", "tilewidth"), ("{\"type\":\"tileset\"}", "not a Tiled map"),
        (smallMap().replacing("orthogonal", with: "isometric"), "only orthogonal"),
        (smallMap().replacing("\"width\":2", with: "\"width\":4097"), "4097 × 2"),
        (smallMap().replacing("\"width\":2", with: "\"width\":0"), "0 × 2"),
        (smallMap().replacing("\"width\":2", with: "\"width\":1e300"), "whole number"),
        (smallMap().replacing("\"width\":2", with: "\"width\":\"2\""), "whole number"),
        (smallMap().replacing("\"tilewidth\":16", with: "\"tilewidth\":0"), "1 to 4096"),
        (smallMap(layers: "7"), "a layer is number"),
        (smallMap(layers: "{\"type\":\"holes\",\"name\":\"x\"}"), "tilelayer, objectgroup"),
        (smallMap(layers: layer("ground", "[1,2,3]")), "has 3 tiles; it must have 4"),
        (smallMap(layers: layer("ground", "[1,2,3,-4]")), "-4"),
        (smallMap(layers: layer("ground", "[1,2,3,4.5]")), "4.5"),
        (smallMap(layers: layer("ground", "[1,2,3,4294967296]")), "4294967296"),
        (smallMap(layers: layer("ground", "null")), "data of layer \"ground\""),
        (smallMap(layers: layer("ground", "\"AAAA\"")), "encoding"),
        (smallMap(layers: layer("ground", "\"!\"", extra: ",\"encoding\":\"base64\"")), "no base64"),
        (smallMap(layers: layer("ground", "\"AAAAAAAAAAAAAAAA\"", extra: ",\"encoding\":\"base64\"")), "12 bytes"),
        (
            smallMap(
                layers: layer("ground", "\"AAAA\"", extra: ",\"encoding\":\"base64\",\"compression\":\"zlib\"")),
            "damaged"
        ),
        (
            smallMap(
                layers: layer(
                    "ground", "\"eJxjYMAEAAAUAAE=\"", extra: ",\"encoding\":\"base64\",\"compression\":\"zlib\"")),
            "is not 16 bytes"
        ),
        (
            smallMap(
                layers: layer("ground", "\"AAAA\"", extra: ",\"encoding\":\"base64\",\"compression\":\"zstd\"")),
            "choose CSV"
        ),
        (smallMap(layers: layer("ground", "[1,2,3,4]").replacing("\"width\":2", with: "\"width\":1")), "as the map's"),
        (smallMap().replacing("\"infinite\":false", with: "\"infinite\":true"), "no tiles"),
        (
            "{\"infinite\":true,\"tilewidth\":1,\"tileheight\":1,\"layers\":[{\"type\":\"tilelayer\",\"chunks\":[{\"x\":0,\"y\":0,\"width\":1,\"height\":1,\"data\":[0]},{\"x\":999999999,\"y\":0,\"width\":1,\"height\":1,\"data\":[0]}]}]}",
            "1000000000 × 1"
        ),
        (smallMap(extra: "\"tilesets\":[{\"firstgid\":1,\"source\":\"b.tsx\"}]"), "not there"),
        (smallMap(extra: "\"tilesets\":[{\"firstgid\":1,\"source\":\"../../b.tsj\"}]"), "outside maps/"),
        (smallMap(extra: "\"tilesets\":[{\"firstgid\":1,\"source\":\"b.tsj\"}]"), "not there"),
        (
            smallMap(
                extra:
                    "\"tilesets\":[{\"firstgid\":1,\"tiles\":[{\"id\":0,\"properties\":[{\"name\":\"walkable\",\"value\":\"no\"}]}]}]"
            ), "make it a bool"
        ),
        (spawns("{\"id\":1,\"type\":\"dragon\",\"x\":0,\"y\":0}"), "players, enemys, animals, objects"),
        (spawns("{\"id\":1,\"type\":\"players\",\"x\":32,\"y\":0}"), "outside the map, at tile 2, 0"),
        (spawns("{\"id\":1,\"type\":\"players\",\"x\":1e300,\"y\":0}"), "x of an object"),
        (spawns("{\"type\":\"players\",\"x\":0,\"y\":0}"), "id of an object"),
        (spawns("{\"id\":1,\"template\":\"a.tj\",\"x\":0,\"y\":0}"), "not there"),
        (
            spawns("{\"id\":1,\"type\":\"players\",\"x\":0,\"y\":0},{\"id\":1,\"type\":\"players\",\"x\":0,\"y\":0}"),
            "two objects"
        ),
    ]

    static func spawns(_ objects: String) -> String {
        smallMap(layers: "{\"type\":\"objectgroup\",\"name\":\"things\",\"objects\":[\(objects)]}")
    }
}
