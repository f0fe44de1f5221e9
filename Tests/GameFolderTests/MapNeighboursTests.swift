import GameFolder
import Testing
import World

@Suite("Neighbours of maps") struct MapNeighboursTests {
    static let maps = [
        MapGeometry(id: 3, name: "a", width: 10, height: 20, tileWidth: 16, tileHeight: 16),
        MapGeometry(id: 4, name: "b", width: 10, height: 20, tileWidth: 16, tileHeight: 16),
        MapGeometry(id: 5, name: "c", width: 10, height: 8, tileWidth: 16, tileHeight: 16),
        MapGeometry(id: 6, name: "d", originX: -4, originY: -8, width: 10, height: 20, tileWidth: 16, tileHeight: 16),
        MapGeometry(id: 7, name: "e", width: 10, height: 20, tileWidth: 32, tileHeight: 16),
    ]
    static let paths = Dictionary(uniqueKeysWithValues: maps.map { ($0.id, "maps/\($0.id)-\($0.name).tmj") })

    @Test("are mutual, whichever side is declared, and both may be [M3.8]")
    func table() throws {
        let one = try MapNeighbours(yaml: "4: {left: 3, down: 5}\n7: {up: 7}", maps: Self.maps, file: "game.yaml")
        #expect(one.neighbour(of: 4, on: .left) == 3 && one.neighbour(of: 3, on: .right) == 4)
        #expect(one.neighbour(of: 4, on: .down) == 5 && one.neighbour(of: 5, on: .up) == 4)
        #expect(one.neighbour(of: 7, on: .down) == 7)
        #expect(one.neighbour(of: 4, on: .up) == nil && one.neighbour(of: 9, on: .up) == nil)
        let both = "3: {right: 4}\n5: {up: 4}\n4: {left: 3, down: 5}\n7: {up: 7, down: 7}"
        #expect(try MapNeighbours(yaml: both, maps: Self.maps, file: "game.yaml") == one)
    }

    @Test(
        "a wrong declaration is told with its place",
        arguments: [
            ("4: {left: 9}", "1:5", "no map has the number 9; there are 3, 4"), ("9: {left: 4}", "1:5", "number 9"),
            ("4: {lefft: 3}", "1:5", "did you mean left?"), ("4: {left: x}", "1:11", "\"x\" is no number of a map"),
            ("x: {left: 3}", "1:1", "no number of a map"), ("4: 3", "1:4", "one map a line"),
            ("[4]", "1", "one map a line"),
            ("4: {left: 3}\n3: {right: 6}", "2:5", "map 3 has two neighbours on its right side, 4 and 6"),
            ("4: {left: 5}", "1:5", "map 4 is 20 tiles high, its left neighbour 5 is 8"),
        ])
    func wrongTable(text: String, place: String, says: String) throws {
        let problem = #expect(throws: GameFolderProblem.self) {
            _ = try MapNeighbours(yaml: text, maps: Self.maps, file: "game.yaml")
        }
        let told = try #require(problem?.description)
        #expect(told.hasPrefix("game.yaml:\(place): ") && told.contains(says), "\(told)")
    }

    private func world(_ places: [(String, Int, Int)], extra: String = "") throws -> MapNeighbours {
        let list = places.map { "{\"fileName\":\"\($0.0)\",\"x\":\($0.1),\"y\":\($0.2),\"width\":1,\"height\":1}" }
        let text = "{\"type\":\"world\",\"maps\":[\(list.joined(separator: ","))]\(extra)}"
        return try MapNeighbours(
            world: Array(text.utf8), maps: Self.maps, paths: Self.paths, file: "maps/all.world")
    }

    @Test("follow from a Tiled world where whole edges touch, by .tmx or .tmj, at places below 0 too")
    func worldFile() throws {
        let found = try world([("3-a.tmx", -160, 0), ("4-b.tmj", 0, 0), ("5-c.tmx", 0, 320), ("6-d.tmx", 224, 128)])
        #expect(
            found == (try MapNeighbours(yaml: "3: {right: 4}\n5: {up: 4}\n6: {left: 4}", maps: Self.maps, file: "")))
        let corner = try world([("3-a.tmx", 0, 0), ("4-b.tmx", 160, 320)])
        #expect(MapSide.allCases.allSatisfy { corner.neighbour(of: 3, on: $0) == nil }, "corners do not join")
    }

    @Test("a world that fits no game is told")
    func wrongWorld() throws {
        let worlds: [([(String, Int, Int)], String, String)] = [
            ([("9-x.tmx", 0, 0)], "", "names 9-x.tmx, which is no map"),
            ([("3-a.tmx", 0, 0), ("3-a.tmj", 160, 0)], "", "twice"), ([("3-a.tmx", 8, 0)], "", "between tiles"),
            ([("3-a.tmx", 0, 0), ("4-b.tmx", 144, 0)], "", "maps 3 and 4 overlap"),
            ([("3-a.tmx", 0, 0), ("4-b.tmx", 160, 16)], "", "with a part of an edge"),
            ([("3-a.tmx", 0, 0), ("5-c.tmx", 160, 0)], "", "with a part of an edge"),
            ([("3-a.tmx", 0, 0), ("7-e.tmx", 320, 0)], "", "another size"), ([], ",\"patterns\":[{}]", "patterns"),
            ([("3-a.tmx", 0, 0)], ",\"maps\":7", "array"),
        ]
        for (places, extra, says) in worlds {
            let problem = #expect(throws: GameFolderProblem.self) { _ = try world(places, extra: extra) }
            let told = try #require(problem?.description)
            #expect(told.hasPrefix("maps/all.world: ") && told.contains(says), "\(told)")
        }
    }

    @Test("are no key of game.yaml as long as maps are not joined")
    func refused() throws {
        let folder = try ScratchFolder(["game.yaml": "sides:\n  4: {left: 3}\n"])
        #expect(
            try GameFolder.load(directory: folder.path).1.map { $0.message.contains("unknown key sides") } == [true])
    }
}
