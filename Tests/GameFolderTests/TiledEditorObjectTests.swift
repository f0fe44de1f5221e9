import Foundation
import GameFolder
import JSONValues
import Testing
import World

/// A tileset in Tiled's own format: tile 0 blocks, tile 1 shows a goblin, tile 2 is ordinary.
private let tilesetXML = """
    <?xml version="1.0" encoding="UTF-8"?>
    <tileset version="1.8" tiledversion="1.8.2" name="set" tilewidth="16" tileheight="16" tilecount="4" columns="2">
     <image source="set.png" width="32" height="32"/>
     <tile id="0"><properties><property name="walkable" type="bool" value="false"/></properties></tile>
     <tile id="1" type="enemys"><properties><property name="prefab" value="goblin"/>
       <property name="hp" type="int" value="7"/><property name="walkable" type="bool" value="true"/></properties></tile>
     <tile id="2"><properties><property name="kind" value="a &lt; b &amp; &quot;c&quot;"/></properties></tile>
    </tileset>
    """

@Suite("Objects and tilesets made by the Tiled editor") struct TiledEditorObjectTests {
    /// The ways in which a map may refer to its tileset.
    enum Way: String, CaseIterable, Sendable { case tsx, embedded, tsj }

    private func load(
        _ content: String, tileset way: Way = .tsx, beside files: [String: String] = [:], _ options: [String] = [],
        size: Int = 8
    ) throws -> (map: MapGeometry?, problems: [GameFolderProblem]) {
        let source = way == .tsj ? "sets/set.tsj" : "sets/set.tsx"
        let folder = try ScratchFolder([
            "maps/sets/set.tsx": tilesetXML, "components/hp.lua": "--@type number",
            "components/size.lua": "--@type number",
        ])
        for (file, text) in files { try folder.write(file, text) }
        if way == .tsj { try TiledEditor.exportTileset("maps/sets/set.tsx", to: "maps/sets/set.tsj", in: folder) }
        try folder.write(
            "maps/1-field.tmx",
            tmx(width: size, height: size, "<tileset firstgid=\"11\" source=\"\(source)\"/>\(content)"))
        try TiledEditor.export(
            "maps/1-field.tmx", to: "maps/1-field.tmj", in: folder,
            options + (way == .embedded ? ["--embed-tilesets"] : []))
        if way == .embedded { try folder.remove("maps/sets") }
        let (game, problems) = try GameFolder.load(directory: folder.path)
        // The editor gives the tiles of a map's tilesets new numbers, from 1.
        return (game.maps.first { $0.name == "field" }, problems)
    }

    private func objects(_ objects: String) -> String { "<objectgroup name=\"things\">\(objects)</objectgroup>" }

    @Test("a tileset may be embedded, a file as JSON, or the editor's own file", arguments: Way.allCases)
    func tilesets(way: Way) throws {
        let (map, problems) = try load(
            tmxLayer("ground", width: 8, height: 8, tiles: [11, 12, 13, 0x8000_000B] + Array(repeating: 0, count: 60)),
            tileset: way)
        #expect(problems == [])
        let found = try #require(map)
        #expect(found.blocked.indices.filter { found.blocked[$0] } == [0, 3])
        #expect(found.tileProperties.keys.sorted() == [1, 2, 3])
        #expect(found.tileProperties[2]?["hp"] == .number(7))
        #expect(found.tileProperties[3]?["kind"] == .string("a < b & \"c\""))
    }

    @Test("points, rectangles, ellipses and polygons cover the tiles under them; a note has no effect")
    func shapes() throws {
        let (map, problems) = try load(
            objects(
                """
                <object id="1" name="a" type="players" x="40" y="24"><point/></object>
                <object id="2" name="b" type="players" x="16" y="32" width="48" height="16"/>
                <object id="3" name="c" type="animals" x="20" y="20" width="2" height="30"><ellipse/></object>
                <object id="4" name="d" type="objects" x="64" y="64"><polygon points="0,0 -16,0 -16,-17"/></object>
                <object id="5" name="e" type="enemys" x="32" y="0"><polyline points="0,0 20,20"/></object>
                <object id="6" name="f" x="32" y="0" width="90" height="19"><text wrap="1">beware</text></object>
                """))
        #expect(problems == [])
        #expect(
            map?.spawns == [
                .init(id: 1, kind: .players, name: "a", x: 2, y: 1),
                .init(id: 2, kind: .players, name: "b", x: 1, y: 2, width: 3),
                .init(id: 3, kind: .animals, name: "c", x: 1, y: 1, height: 3),
                .init(id: 4, kind: .objects, name: "d", x: 3, y: 2, height: 2),
                .init(id: 5, kind: .enemys, name: "e", x: 2, y: 0, width: 2, height: 2),
            ])
    }

    @Test(
        "a rectangle is rotated clockwise around its upper left corner before its tiles are found",
        arguments: [
            (0.0, [4, 4, 2, 1]), (90, [3, 4, 1, 2]), (180, [2, 3, 2, 1]), (270, [4, 2, 1, 2]), (-90, [4, 2, 1, 2]),
            (360, [4, 4, 2, 1]), (45, [3, 4, 3, 3]),
        ] as [(Double, [Double])])
    func rotation(degrees: Double, covered: [Double]) throws {
        let (map, problems) = try load(
            objects(
                "<object id=\"1\" type=\"players\" x=\"64\" y=\"64\" width=\"32\" height=\"16\" rotation=\"\(degrees)\"/>"
            ))
        #expect(problems == [])
        #expect(map?.spawns.map { [$0.x, $0.y, $0.width, $0.height] } == [covered])
    }

    @Test(
        "an entity from a tile object stands under the middle of its lower edge, with the tile's class and properties")
    func tileObjects() throws {
        let (map, problems) = try load(
            objects(
                """
                <object id="1" gid="12" x="32" y="48" width="16" height="16"/>
                <object id="2" gid="2147483660" x="32" y="64" width="48" height="48"><properties>
                  <property name="hp" type="int" value="9"/></properties></object>
                <object id="3" type="animals" gid="12" x="48" y="48" width="16" height="16" rotation="90"/>
                <object id="4" type="objects" gid="13" x="0" y="16" width="16" height="16"/>
                <object id="5" type="players" gid="13" x="0" y="64" width="32" height="32"/>
                """))
        #expect(problems == [])
        let goblin: JSONObject = ["prefab": .string("goblin"), "hp": .number(7)]
        #expect(
            map?.spawns == [
                .init(id: 1, kind: .enemys, x: 2, y: 2, properties: goblin),
                .init(id: 2, kind: .enemys, x: 3, y: 3, properties: ["prefab": .string("goblin"), "hp": .number(9)]),
                .init(id: 3, kind: .animals, x: 3, y: 3, properties: goblin),
                .init(id: 4, kind: .objects, x: 0, y: 0),
                .init(id: 5, kind: .players, x: 0, y: 2, width: 2, height: 2),
            ])
    }

    @Test(
        "a tileset may choose which point of its pictures is at an object's position",
        arguments: [
            ("topleft", 4, 5), ("top", 3, 5), ("topright", 2, 5), ("left", 4, 4), ("center", 3, 4), ("right", 2, 4),
            ("bottomleft", 4, 3), ("bottom", 3, 3), ("bottomright", 2, 3), ("unspecified", 4, 3),
        ])
    func alignment(alignment: String, column: Double, row: Double) throws {
        let set = tilesetXML.replacing("name=\"set\"", with: "name=\"set\" objectalignment=\"\(alignment)\"")
        let (map, problems) = try load(
            objects("<object id=\"1\" gid=\"12\" x=\"64\" y=\"64\" width=\"32\" height=\"32\"/>"),
            beside: ["maps/sets/set.tsx": set])
        #expect(problems == [])
        #expect(map?.spawns.map { [$0.x, $0.y] } == [[column, row]])
    }

    @Test("properties keep their types: numbers, bools, text of several lines, colours, files, objects")
    func properties() throws {
        let list = """
            <properties><property name="i" type="int" value="-3"/><property name="f" type="float" value="0.5"/>
            <property name="b" type="bool" value="true"/><property name="s" value="say &quot;hi&quot;"/>
            <property name="t">one
            two</property><property name="c" type="color" value="#ffaa5500"/><property name="p" type="file" value="a.ogg"/>
            <property name="o" type="object" value="4"/></properties>
            """
        let (map, problems) = try load(
            list + tmxLayer("ground", width: 8, height: 8, tiles: [11] + Array(repeating: 13, count: 63)))
        #expect(problems == [])
        let found = try #require(map?.properties)
        #expect(found["i"] == .number(-3) && found["f"] == .number(0.5) && found["b"] == .bool(true))
        #expect(found["s"] == .string("say \"hi\"") && found["t"] == .string("one\ntwo"))
        #expect(found["c"] == .string("#ffaa5500") && found["o"] == .number(4))
        #expect(found["p"]?.string?.hasSuffix("a.ogg") == true)
    }

    /// Templates in Tiled's own format; the second is drawn as a tile of the tileset.
    static let templates = [
        "maps/camp.tx": """
        <?xml version="1.0" encoding="UTF-8"?>
        <template><object name="camp" type="objects" width="32" height="16"><properties>
        <property name="prefab" value="camp"/><property name="size" type="int" value="2"/></properties></object></template>
        """,
        "maps/kinds/goblin.tx": """
        <?xml version="1.0" encoding="UTF-8"?>
        <template><tileset firstgid="1" source="../sets/set.tsx"/><object name="goblin" gid="2" width="16" height="16"/></template>
        """,
    ]

    @Test(
        "objects take the properties that they don't set from their template, detached or not",
        arguments: [true, false])
    func templates(isDetached: Bool) throws {
        let (map, problems) = try load(
            objects(
                """
                <object id="1" template="camp.tx" x="16" y="16"/>
                <object id="2" template="camp.tx" name="mine" x="16" y="48" width="16" height="16"><properties>
                  <property name="size" type="int" value="5"/></properties></object>
                <object id="3" template="kinds/goblin.tx" x="48" y="48"/>
                """), beside: Self.templates, isDetached ? ["--detach-templates"] : [])
        #expect(problems == [])
        let found = try #require(map)
        #expect(found.spawns.map(\.name) == ["camp", "mine", "goblin"])
        #expect(found.spawns.map(\.kind) == [.objects, .objects, .enemys])
        #expect(
            found.spawns.map { [$0.x, $0.y, $0.width, $0.height] } == [[1, 1, 2, 1], [1, 3, 1, 1], [3, 2, 1, 1]])
        #expect(found.spawns.map { $0.properties["size"] } == [.number(2), .number(5), nil])
        #expect(found.spawns.map { $0.properties["prefab"]?.string } == ["camp", "camp", "goblin"])
    }

    @Test("the editor's own file is ignored beside its export; without an export the error has the command to make one")
    func tmxFile() throws {
        let folder = try ScratchFolder([
            "maps/1-field.tmx": tmx(width: 2, height: 2, tmxLayer("ground", width: 2, height: 2))
        ])
        let (_, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems.map(\.file) == ["maps/1-field.tmx"])
        let message = try #require(problems.first?.message)
        #expect(message.contains("tiled --export-map json maps/1-field.tmx maps/1-field.tmj"))
        try TiledEditor.export("maps/1-field.tmx", to: "maps/1-field.tmj", in: folder)
        #expect(try GameFolder.load(directory: folder.path).1 == [])
    }
}
