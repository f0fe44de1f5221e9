import JSONValues
import Testing
import World

@testable import TiledMaps

@Suite("What editors and authors leave in maps keeps nobody from playing [3-game-folder, maps]")
struct TiledKindnessTests {
    /// 4 × 3 tiles of 16 pixels; tile 2 carries `spawn`.
    private static func map(
        objects: String = "", layers: String = "", tilesets: String = "", infinite: Bool = false
    ) -> String {
        """
        {"type":"map","orientation":"orthogonal","width":4,"height":3,"tilewidth":16,"tileheight":16,
        "infinite":\(infinite),"tilesets":[\(tilesets)],
        "layers":[\(layers)\(layers.isEmpty ? "" : ","){"type":"objectgroup","name":"o","objects":[\(objects)]}]}
        """
    }

    private static func layer(_ name: String, _ tiles: String, spawn: String? = nil, extra: String = "") -> String {
        let properties = spawn.map { ",\"properties\":[{\"name\":\"spawn\",\"type\":\"bool\",\"value\":\($0)}]" } ?? ""
        return """
            {"type":"tilelayer","name":"\(name)","width":4,"height":3,"data":[\(tiles)]\(properties)\(extra)}
            """
    }

    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private func read(
        _ map: String, files: [String: [UInt8]] = [:], mark: [UInt8] = []
    ) throws(TiledMap.Mistake) -> (map: MapGeometry, notes: [String]) {
        var notes: [String] = []
        let geometry = try TiledMap.geometry(
            mark + Array(map.utf8), id: 1, name: "m", note: { notes.append($0) }, external: { files[$0] })
        return (geometry, notes)
    }

    @Test("a byte order mark before a map, a tileset or a template, in JSON and in XML")
    func marks() throws {
        let sets = [
            "w.tsj": """
            {"type":"tileset","name":"w","tiles":[
            {"id":0,"properties":[{"name":"walkable","type":"bool","value":false}]}]}
            """,
            "w.tsx": """
            <tileset name="w"><tile id="0"><properties>
            <property name="walkable" type="bool" value="false"/></properties></tile></tileset>
            """,
        ]
        let templates = [
            "g.tj": #"{"type":"template","object":{"type":"enemys","name":"g"}}"#,
            "g.tx": #"<template><object type="enemys" name="g"/></template>"#,
        ]
        for (set, template) in [("w.tsj", "g.tj"), ("w.tsx", "g.tx")] {
            let map = Self.map(
                objects: "{\"id\":1,\"x\":0,\"y\":0,\"template\":\"\(template)\"}",
                layers: Self.layer("ground", "1,0,0,0,0,0,0,0,0,0,0,0"),
                tilesets: "{\"firstgid\":1,\"source\":\"\(set)\"}")
            let files = sets.merging(templates) { $1 }.mapValues { Self.mark + Array($0.utf8) }
            let found = try read(map, files: files, mark: Self.mark).map
            #expect(found.blocked.filter { $0 }.count == 1)
            #expect(found.spawns.map(\.kind) == [.enemys])
        }
    }

    @Test("a mistake behind a byte order mark has its line and column; other marks say what to do")
    func marksAndMistakes() {
        let mistake = #expect(throws: TiledMap.Mistake.self) { _ = try read("\n {\"type\" 1}", mark: Self.mark) }
        #expect(mistake?.line == 2 && mistake?.column == 10, "\(String(describing: mistake))")
        for mark: [UInt8] in [[0xFF, 0xFE], [0xFE, 0xFF]] {
            let mistake = #expect(throws: TiledMap.Mistake.self) { _ = try read("{}", mark: mark) }
            #expect(mistake?.message == "UTF-16, not UTF-8; save it as UTF-8")
        }
    }

    @Test(
        "an area that overhangs an edge is cut to the map",
        arguments: [
            ("\"x\":-16,\"y\":0,\"width\":32,\"height\":16", [0.0, 0, 1, 1]),
            ("\"x\":0,\"y\":-40,\"width\":16,\"height\":57", [0, 0, 1, 2]),
            ("\"x\":48,\"y\":32,\"width\":400,\"height\":400", [3, 2, 1, 1]),
            ("\"x\":-100,\"y\":-100,\"width\":1000,\"height\":1000", [0, 0, 4, 3]),
            ("\"x\":-1,\"y\":-1,\"width\":2,\"height\":2", [0, 0, 1, 1]),
            ("\"x\":-16,\"y\":-16,\"width\":24,\"height\":24,\"ellipse\":true", [0, 0, 1, 1]),
            (#""x":0,"y":0,"polygon":[{"x":-32,"y":16},{"x":40,"y":16},{"x":0,"y":99}]"#, [0, 1, 3, 2]),
            ("\"x\":16,\"y\":0,\"width\":16,\"height\":32,\"rotation\":90", [0, 0, 1, 1]),
        ])
    func overhanging(shape: String, covered: [Double]) throws {
        for kind in ["players", "enemys"] {
            let found = try read(Self.map(objects: "{\"id\":1,\"type\":\"\(kind)\",\(shape)}")).map
            #expect(found.spawns.map { [$0.x, $0.y, $0.width, $0.height] } == [covered])
        }
    }

    @Test("an infinite map has its edges where its chunks end")
    func overhangingChunks() throws {
        let layer = """
            {"type":"tilelayer","name":"g","chunks":[{"x":-2,"y":-1,"width":3,"height":2,"data":[1,1,1,1,1,1]}]}
            """
        let area = #"{"id":1,"type":"players","x":-400,"y":-400,"width":384,"height":800}"#
        let found = try read(Self.map(objects: area, layers: layer, infinite: true)).map
        #expect(found.spawns.map { [$0.x, $0.y, $0.width, $0.height] } == [[-2, -1, 1, 2]])
    }

    @Test(
        "what lies wholly outside is a mistake",
        arguments: [
            "\"x\":-16,\"y\":0,\"width\":16,\"height\":16", "\"x\":64,\"y\":0,\"width\":16,\"height\":16",
            "\"x\":0,\"y\":-33,\"width\":16,\"height\":16", "\"x\":0,\"y\":48,\"point\":true",
            "\"x\":-0.5,\"y\":0,\"point\":true",
        ])
    func outside(shape: String) {
        let mistake = #expect(throws: TiledMap.Mistake.self) {
            _ = try read(Self.map(objects: "{\"id\":1,\"type\":\"players\",\(shape)}"))
        }
        #expect(mistake?.message.contains("stands outside the map") == true)
    }

    @Test("a tile object whose foot is off the map stands on the nearest tile of its picture")
    func overhangingTile() throws {
        let tree = #"{"id":1,"type":"objects","gid":1,"x":16,"y":64,"width":16,"height":48}"#
        let found = try read(Self.map(objects: tree, tilesets: #"{"firstgid":1,"name":"t"}"#)).map
        #expect(found.spawns.map { [$0.x, $0.y, $0.width, $0.height] } == [[1, 2, 1, 1]])
    }

    @Test(
        "an object without a class is a note, whatever its shape",
        arguments: [
            "\"width\":16,\"height\":16", "\"point\":true", "\"width\":9,\"height\":9,\"ellipse\":true",
            "\"polygon\":[{\"x\":0,\"y\":0},{\"x\":9,\"y\":9}]", "\"x\":-900,\"y\":0", "\"type\":\"\"",
        ])
    func notes(shape: String) throws {
        let place = shape.contains("\"x\":-") ? "" : "\"x\":0,\"y\":0,"
        let start = #"{"id":9,"type":"players","x":0,"y":0,"point":true}"#
        let (map, notes) = try read(Self.map(objects: "{\"id\":1,\"name\":\"plan\",\(place)\(shape)},\(start)"))
        #expect(map.spawns.map(\.id) == [9])
        #expect(notes.count == 1)
        #expect(notes.first?.hasPrefix("object 1 \"plan\" has no class") == true, "\(notes)")
    }

    @Test("text without a class needs no remark; a class that is none is still a mistake")
    func texts() throws {
        let text = #"{"id":1,"x":0,"y":0,"width":9,"height":9,"text":{"text":"here"}}"#
        #expect(try read(Self.map(objects: text)).notes == [])
        #expect(throws: TiledMap.Mistake.self) {
            _ = try read(Self.map(objects: #"{"id":1,"x":0,"y":0,"type":"dragon"}"#))
        }
    }

    private static let set = """
        {"firstgid":1,"name":"t","tiles":[{"id":1,"properties":[{"name":"spawn","type":"bool","value":true}]},
        {"id":2,"properties":[{"name":"spawn","type":"bool","value":false}]}]}
        """

    @Test("tiles and layers with the property spawn are where players may start (checklist 140)")
    func starts() throws {
        func starts(_ layers: String) throws -> [Int] {
            let map = try read(Self.map(layers: layers, tilesets: Self.set)).map
            #expect(map.starts.isEmpty || map.starts.count == 12)
            return map.starts.indices.filter { map.starts[$0] }
        }
        #expect(try starts(Self.layer("ground", "1,2,3,0,2,0,0,0,0,0,0,2")) == [1, 4, 11])
        #expect(try starts(Self.layer("ground", "1,3,0,0,1,0,0,0,0,0,0,1", spawn: "true")) == [0, 1, 4, 11])
        #expect(try starts(Self.layer("ground", "1,3,0,0,1,0,0,0,0,0,0,1", spawn: "false")) == [])
        let hidden = ",\"visible\":false"
        #expect(try starts(Self.layer("ground", "0,0,0,0,1,0,0,0,0,0,0,0", spawn: "true", extra: hidden)) == [4])
        #expect(try starts(Self.layer("ground", "0,0,0,0,2,0,0,0,0,0,0,0", extra: hidden)) == [])
        #expect(
            try starts(Self.layer("a", "0,0,2,0,0,0,0,0,0,0,0,0") + "," + Self.layer("b", "0,0,0,1,0,0,0,0,0,0,0,0"))
                == [2])
        #expect(try starts(Self.layer("ground", "1,1,1,0,1,0,0,0,0,0,0,1")) == [])
        let mistake = #expect(throws: TiledMap.Mistake.self) {
            _ = try read(Self.map(layers: Self.layer("ground", "0,0,0,0,1,0,0,0,0,0,0,0", spawn: "\"yes\"")))
        }
        #expect(mistake?.message.contains("the property spawn of layer \"ground\" is \"yes\"; make it a bool") == true)
    }
}
