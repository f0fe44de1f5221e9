import Foundation
import GameFolder
import JSONValues
import Testing
import World

@Suite("Several maps") struct MapsTests {
    private func load(
        _ files: [String: String], previous: GameDefinition? = nil
    ) throws -> (GameDefinition, [GameFolderProblem]) {
        let folder = try ScratchFolder(files)
        return try GameFolder.load(directory: folder.path, previous: previous)
    }

    @Test("number and name come from the file's name, maps are sorted by number, and players start on the lowest")
    func names() throws {
        let (game, problems) = try load([
            "maps/10-dark-forest.tmj": smallMap(), "maps/4-forest.tmj": smallMap(),
            "maps/2147483647-end.tmj": smallMap(),
            "maps/007-žluť.tmj": smallMap(), "maps/pictures.png": "", "maps/notes/plan.md": "",
        ])
        #expect(problems == [])
        #expect(game.maps.map(\.id) == [4, 7, 10, 2_147_483_647])
        #expect(game.maps.map(\.name) == ["forest", "žluť", "dark-forest", "end"])
        #expect(game.startMapID == 4)
    }

    @Test("start_map names the map where new players start; the error for an unknown one lists the maps")
    func start() throws {
        let maps = ["maps/4-forest.tmj": smallMap(), "maps/9-cave.tmj": smallMap()]
        let (game, problems) = try load(maps.merging(["game.yaml": "start_map: 9"]) { $1 })
        #expect(problems == [])
        #expect(game.startMapID == 9)
        let (other, told) = try load(maps.merging(["game.yaml": "name: A\nstart_map: 5"]) { $1 }, previous: game)
        #expect(
            told.map(\.description) == ["game.yaml:2:1: start_map is 5, but no map has that number; there are 4, 9"])
        #expect(other.startMapID == 9, "the one before stays")
        let (fresh, _) = try load(maps.merging(["game.yaml": "start_map: 5"]) { $1 })
        #expect(fresh.startMapID == 4)
    }

    @Test("a broken map does not affect other maps")
    func broken() throws {
        let (game, problems) = try load(["maps/4-forest.tmj": "{", "maps/9-cave.tmj": smallMap()])
        #expect(problems.map(\.file) == ["maps/4-forest.tmj"])
        #expect(game.maps.map(\.id) == [9])
    }

    @Test("a map's own properties are kept")
    func properties() throws {
        let map = smallMap(
            extra: "\"properties\":[{\"name\":\"title\",\"type\":\"string\",\"value\":\"The old mine\"}]")
        let (game, problems) = try load(["maps/4-forest.tmj": map])
        #expect(problems == [])
        #expect(game.maps.first?.properties == ["title": .string("The old mine")])
    }

    @Test("a map without a walkable tile and a start place on a blocked tile are reported; the map is loaded")
    func blocked() throws {
        let wall = "{\"type\":\"tilelayer\",\"name\":\"collision\",\"width\":2,\"height\":2,\"data\":[1,1,1,0]}"
        func players(_ x: Int, _ width: Int) -> String {
            """
            {"type":"objectgroup","name":"o","objects":[{"id":1,"name":"in","type":"players","x":\(x),"y":16,"width":\(width),"height":16}]}
            """
        }
        let (map, told) = try load(["maps/4-forest.tmj": smallMap(layers: "\(wall),\(players(0, 16))")])
        #expect(
            told.map(\.description) == [
                "maps/4-forest.tmj: object 1 \"in\": players can't appear here, as nobody can walk on its tiles; move it"
            ])
        #expect(map.maps.map(\.name) == ["forest"])
        #expect(try load(["maps/4-forest.tmj": smallMap(layers: "\(wall),\(players(0, 900))")]).1 == [])
        let (closed, problems) = try load(["maps/4-forest.tmj": smallMap(layers: wall.replacing(",0]", with: ",1]"))])
        #expect(problems.map { $0.message.contains("any tile of this map") } == [true])
        #expect(closed.maps.map(\.name) == ["forest"])
    }
}

@Suite("Properties of a map's objects") struct MapObjectTests {
    static let components = [
        "components/hp.lua": "--@type number\n--@entities players, enemys", "components/title.lua": "--@type string",
        "components/bag.lua": "--@type json", "components/open.lua": "--@type boolean\n--@default false",
    ]

    private func load(
        _ properties: String, type: String = "enemys", components: [String: String] = MapObjectTests.components
    ) throws -> (JSONObject?, [GameFolderProblem]) {
        let layer = """
            {"type":"objectgroup","name":"o","objects":[{"id":7,"name":"it","type":"\(type)","x":0,"y":0,"properties":[\(properties)]}]}
            """
        let folder = try ScratchFolder(components.merging(["maps/1-field.tmj": smallMap(layers: layer)]) { $1 })
        let (game, problems) = try GameFolder.load(directory: folder.path)
        return (game.maps.first?.spawns.first?.properties, problems)
    }

    @Test("the error for a class that is not an entity type suggests the type that was meant")
    func unknownClass() throws {
        let (_, problems) = try load("", type: "enemies")
        #expect(problems.map { $0.message.hasSuffix("; did you mean enemys?") } == [true], "\(problems)")
    }

    private static func property(_ name: String, _ value: String) -> String {
        "{\"name\":\"\(name)\",\"value\":\(value)}"
    }

    @Test(
        "properties are fields and components of their types; json is text or a class",
        arguments: [
            ("prefab", "\"goblin\"", JSON.string("goblin")), ("side", "\"left\"", .string("left")),
            ("action", "\"walk\"", .string("walk")), ("z", "1.5", .number(1.5)), ("sort", "-2", .number(-2)),
            ("hp", "7", .number(7)), ("title", "\"King\"", .string("King")), ("title", "\"[1]\"", .string("[1]")),
            ("bag", "\"[1, 2]\"", .array([.number(1), .number(2)])), ("bag", "\"{}\"", .object([:])),
            ("bag", "{\"potions\":2}", .object(["potions": .number(2)])),
            ("open", "true", .bool(true)), ("open", "false", .bool(false)), ("title", "\"a\\u0000b\"", .string("a\0b")),
        ])
    func good(name: String, value: String, expected: JSON) throws {
        let (properties, problems) = try load(Self.property(name, value))
        #expect(problems == [])
        #expect(properties == [name: expected])
    }

    @Test(
        "a property that fits no field or component is reported with its object and left out; the rest is set",
        arguments: [
            ("prefab", "7", "prefab is 7; it must be text"), ("z", "\"1\"", "z is \"1\"; it must be a number"),
            ("hp", "\"7\"", "type int or float in Tiled"), ("hp", "true", "hp is true; it must be a number"),
            ("title", "7", "type string in Tiled"), ("bag", "7", "types string and class in Tiled"),
            ("bag", "\"{\"", "an array or an object"), ("bag", "\"7\"", "an array or an object"),
            ("open", "1", "open is 1; it must be true or false (type bool in Tiled)"),
            ("open", "\"true\"", "open is \"true\"; it must be true or false"),
            ("prefab", "\"a\\u0000b\"", "prefab can't contain the character NUL"),
            ("side", "\"\\u0000\"", "side can't contain the character NUL"),
            ("action", "\"a\\u0000\"", "action can't contain the character NUL"),
            ("action", "\"remove\"", "take it for"), ("hpp", "7", "no component; did you mean hp?"),
            ("Prefab", "\"x\"", "did you mean prefab?"),
            ("x", "7", "no field that an object sets"), ("login", "\"me\"", "no field that an object sets"),
        ])
    func bad(name: String, value: String, says: String) throws {
        let (properties, problems) = try load(Self.property("sort", "3") + "," + Self.property(name, value))
        #expect(properties == ["sort": .number(3)])
        #expect(problems.count == 1)
        let problem = try #require(problems.first)
        #expect(problem.file == "maps/1-field.tmj")
        #expect(problem.message.hasPrefix("object 7 \"it\": "), "\(problem)")
        #expect(problem.message.contains(says), "\(problem)")
    }

    @Test("a component is set only on the types that have it")
    func kinds() throws {
        let (properties, problems) = try load(Self.property("hp", "7"), type: "animals")
        #expect(properties == [:])
        #expect(problems.map { $0.message.contains("hp is not for animals") } == [true])
    }

    @Test("a component with a broken file is reported at that file and not again for each object")
    func brokenComponent() throws {
        let (_, problems) = try load(Self.property("hp", "7"), components: ["components/hp.lua": "--@type int"])
        #expect(problems.map(\.file) == ["components/hp.lua"])
    }

    @Test("unchanged maps follow a component that is added, removed or changes its type")
    func reloading() throws {
        let layer = """
            {"type":"objectgroup","name":"o","objects":[{"id":7,"type":"enemys","x":0,"y":0,"properties":[\(Self.property("bag", "\"[1]\""))]}]}
            """
        let folder = try ScratchFolder(["maps/1-field.tmj": smallMap(layers: layer)])
        var (game, problems) = try GameFolder.load(directory: folder.path)
        #expect(problems.map { $0.message.contains("no component") } == [true])
        for (type, expected) in [
            ("json", JSON.array([.number(1)])), ("string", .string("[1]")), ("json", .array([.number(1)])),
        ] {
            try folder.write("components/bag.lua", "--@type \(type)")
            (game, problems) = try GameFolder.load(directory: folder.path, previous: game)
            #expect(problems == [])
            #expect(game.maps.first?.spawns.first?.properties == ["bag": expected])
        }
        try folder.remove("components/bag.lua")
        (game, problems) = try GameFolder.load(directory: folder.path, previous: game)
        #expect(problems.count == 1)
        #expect(game.maps.first?.spawns.first?.properties == [:])
    }
}
